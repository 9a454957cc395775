"""What visitors of one page wait for each other, measured on a real server."""
