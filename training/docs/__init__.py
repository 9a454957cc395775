"""Parts of the documentation that commands write."""
