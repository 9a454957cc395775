"""gcca."""
