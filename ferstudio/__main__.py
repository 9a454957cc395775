"""`python -m ferstudio`."""

from ferstudio.python_version import require_supported_python

require_supported_python()

if __name__ == "__main__":
    import sys

    from ferstudio.interruptions import end_when_interrupted

    end_when_interrupted()

    from ferstudio.cli import main

    sys.exit(main())
