"""the context framework."""
