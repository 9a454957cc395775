"""Random changes of training faces."""
