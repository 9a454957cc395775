"""Whatever ends a command is one line on stderr and an exit status."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ferstudio.console import framed
from ferstudio.errors import UsageError

ROOT = Path(__file__).parent.parent


def failing(error: BaseException) -> int:
    raise error


@pytest.mark.parametrize(
    ("error", "status", "line"),
    [
        (UsageError("Give a\nnumber."), 2, "Give a number."),
        (KeyboardInterrupt(), 130, "Stopped."),
        (
            OSError(errno.ENOSPC, "No space left on device", "/data/last.pt"),
            2,
            "/data/last.pt: No space left on device; make room or choose another folder, then",
        ),
        (OSError(errno.EFBIG, "File too large"), 2, "File too large; make room or choose"),
        (PermissionError(errno.EACCES, "Permission denied", "out"), 2, "out: Permission denied."),
        (OSError(errno.ENAMETOOLONG, "File name too long", "a"), 2, "a: File name too long."),
    ],
)
def test_what_a_person_can_mend_is_one_line(
    error: BaseException, status: int, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert framed(lambda: failing(error)) == status
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(line)
    assert err.count("\n") == 1


@pytest.mark.parametrize("error", [RuntimeError("a defect"), OSError(errno.ECONNRESET, "gone")])
def test_a_defect_stays_a_traceback(error: Exception) -> None:
    with pytest.raises(type(error)):
        framed(lambda: failing(error))


def test_a_status_is_passed_on() -> None:
    assert framed(lambda: 7) == 7


def run(code: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-c", f"import sys\nfrom ferstudio.console import framed\n{code}"],
        cwd=ROOT,
        capture_output=True,
        check=False,
        env={**os.environ, **environment},
    )


def test_signs_that_a_console_lacks_are_replaced() -> None:
    done = run("sys.exit(framed(lambda: print('a \u2212 b') or 0))", PYTHONIOENCODING="cp1252")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"a ? b\n", b"")


def test_a_reader_that_has_seen_enough_ends_it_quietly() -> None:
    code = "import os; r, w = os.pipe(); os.dup2(w, 1); os.close(w); os.close(r)\n"
    done = run(code + "sys.exit(framed(lambda: print('x' * 100_000) or 0))")
    assert (done.returncode, done.stderr) == (0, b"")
