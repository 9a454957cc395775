"""AGFER."""
