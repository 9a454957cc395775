"""From public data to trained weights: each step is a command, `python -m training.STEP`."""

import sys

from ferstudio.interruptions import end_when_interrupted

_COMMAND_BEGINS = ["-m"]
"""What stands first in `sys.argv` until Python has imported the package of a command."""

if sys.argv[:1] == _COMMAND_BEGINS:
    end_when_interrupted()
