"""Whatever ends a command is one line on stderr and an exit status."""

import errno
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
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


def started(*arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, *arguments], cwd=ROOT, text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def interrupted(command: "subprocess.Popen[str]") -> tuple[int, str]:
    """Interrupt a command as a terminal does, with all that it started; return how it ended."""
    os.killpg(command.pid, signal.SIGINT)
    try:
        _, said = command.communicate(timeout=20)  # which waits for what it started, too
    finally:
        with suppress(ProcessLookupError):
            os.killpg(command.pid, signal.SIGKILL)
    return command.returncode, said


BEGUN = """
import sys, threading, time
from pathlib import Path
from ferstudio.console import framed
from ferstudio.interruptions import end_when_interrupted
end_when_interrupted()
"""

COMPUTING = """
import torch
def work():
    while True:
        torch.ones(400, 400) @ torch.ones(400, 400)
threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
print("ready", flush=True)
threads[0].join()
"""

SHARED_OUT = """
from training.data.sharing import shared_out
def work():
    with shared_out(time.sleep, [60, 60], 2, chunk=1) as made:
        print("ready", flush=True)
        list(made)
sys.exit(framed(work))
"""

WRITING = """
from ferstudio.files import replaced_folder, whole_file
def work():
    with replaced_folder(Path(sys.argv[1]) / "net"), whole_file(Path(sys.argv[1]) / "a") as part:
        part.write_text("half")
        print("ready", flush=True)
        time.sleep(60)
sys.exit(framed(work))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="sends signals")
@pytest.mark.parametrize("work", [COMPUTING, SHARED_OUT, WRITING])
def test_an_interruption_is_one_line_whatever_runs(work: str, tmp_path: Path) -> None:
    command = started("-c", BEGUN + work, str(tmp_path))
    assert command.stdout is not None and command.stdout.readline() == "ready\n"
    assert interrupted(command) == (130, "Stopped.\n")
    assert list(tmp_path.iterdir()) == []


SIDE_BY_SIDE = """
from training.engine.processes import Job, run_side_by_side
code = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
log = Path(sys.argv[1]) / "log"
def told():
    while not log.exists() or not log.read_text().endswith("\\n"):
        time.sleep(0.01)
    print(log.read_text(), end="", flush=True)
threading.Thread(target=told).start()
def work():
    run_side_by_side([Job("long", ("-c", code), log)], until=time.monotonic() + 60)
sys.exit(framed(work))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="sends signals")
def test_processes_that_share_the_work_end_with_an_interrupted_one(tmp_path: Path) -> None:
    command = started("-c", BEGUN + SIDE_BY_SIDE, str(tmp_path))
    assert command.stdout is not None
    other = int(command.stdout.readline())
    os.kill(command.pid, signal.SIGINT)  # it alone
    assert command.wait(20) == 130
    with pytest.raises(ProcessLookupError):
        os.kill(other, 0)
    assert command.communicate()[1] == "Stopped.\n"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux")
@pytest.mark.parametrize(
    "command", [("ferstudio", "bench"), ("training.evaluate", "--weights", "all", "--data", "none")]
)
def test_an_interruption_is_one_line_while_libraries_are_imported(command: tuple[str, ...]) -> None:
    begun = started("-m", *command)
    maps = Path(f"/proc/{begun.pid}/maps")
    until = time.monotonic() + 60
    while "libtorch" not in maps.read_text("utf-8") and time.monotonic() < until:
        time.sleep(0.01)
    assert interrupted(begun) == (130, "Stopped.\n")
