"""agfer."""
