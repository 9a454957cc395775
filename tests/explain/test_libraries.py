"""What explanations need is imported ahead of them."""

import subprocess
import sys

import pytest


@pytest.mark.slow
def test_libraries_are_there_once_they_were_imported_ahead() -> None:
    script = """
import sys

from ferstudio.explain.libraries import NAMES, import_ahead
assert not set(NAMES) & set(sys.modules), "they are imported with the package"
thread = import_ahead()
assert import_ahead() is thread
thread.join()
assert set(NAMES) <= set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", script], check=True)
