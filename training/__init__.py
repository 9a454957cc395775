"""From public data to trained weights: each step is a command, `python -m training.STEP`."""
