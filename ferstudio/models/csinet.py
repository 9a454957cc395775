"""CSINet."""
