"""From public data to trained weights: each step is a command, `python -m training.STEP`."""

import sys

from ferstudio.console import end_when_interrupted

if sys.argv[:1] == [
    "-m"
]:  # so it is until Python has imported the package of a command that it runs
    end_when_interrupted()
