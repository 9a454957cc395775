"""Studies of several trainings: cross-validation, stability over seeds, ablations."""
