"""Many faces before many networks under many covers: what `python -m ferstudio study` does."""
