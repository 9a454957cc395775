"""Commands that run side by side, each in a process of its own, and end in time."""

import os
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from ferstudio.interruptions import left_tidy

_LOOKS_S = 0.2  # between two looks at whether they have ended
_PATIENCE_S = 5.0  # from being asked to end until being ended


@dataclass(frozen=True, slots=True)
class Job:
    """A command of this package.

    Attributes:
        name: what it is called among the others.
        arguments: of Python, as ("-m", "training.train", ...).
        log: file that gets all that it prints.
    """

    name: str
    arguments: tuple[str, ...]
    log: Path


def run_side_by_side(jobs: Sequence[Job], *, until: float) -> dict[str, str]:
    """Return by name what went wrong with each job, empty for one that ended well.

    The processor's cores are shared out among them. None disturbs another; what still runs at
    `until` is stopped, and so is everything when this process is interrupted.

    Args:
        jobs: what runs, all at once.
        until: when the last one has to have ended, by `time.monotonic`.
    """
    processes: dict[str, subprocess.Popen[bytes]] = {}
    with left_tidy(), ExitStack() as opened:
        opened.callback(lambda: _stop(list(processes.values())))
        for job, threads in zip(jobs, share_cores(available_cores(), len(jobs)), strict=True):
            job.log.parent.mkdir(parents=True, exist_ok=True)
            log = opened.enter_context(job.log.open("ab"))
            processes[job.name] = subprocess.Popen(
                [sys.executable, *job.arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, "OMP_NUM_THREADS": str(threads)},
            )
        while _running(processes.values()) and time.monotonic() < until:
            time.sleep(_LOOKS_S)
        late = {name for name, process in processes.items() if process.poll() is None}
    return {
        job.name: "it was stopped, being late"
        if job.name in late
        else _problem(processes[job.name].returncode, job.log)
        for job in jobs
    }


def available_cores() -> int:
    """Return the number of processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):  # Linux's, which knows of limits
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def share_cores(cores: int, jobs: int) -> list[int]:
    """Return how many of the cores each job gets: all of them in all, at least one each."""
    each, more = divmod(cores, max(1, jobs))
    return [max(1, each + (number < more)) for number in range(jobs)]


def _running(processes: Iterable[subprocess.Popen[bytes]]) -> bool:
    return any(process.poll() is None for process in processes)


def _stop(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """End what still runs: asked first, so that it can tidy up, then made to."""
    for process in processes:
        if process.poll() is None:
            process.terminate()
    given_up = time.monotonic() + _PATIENCE_S
    for process in processes:
        with suppress(subprocess.TimeoutExpired):
            process.wait(max(0.0, given_up - time.monotonic()))
        process.kill()
        process.wait()


def _problem(status: int, log: Path) -> str:
    """Return what a job's log says last, unless it ended well."""
    if status == 0:
        return ""
    text = log.read_text("utf-8", errors="replace").replace("\r", "\n")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    said = lines[-1] if lines else "it said nothing"
    return f"{said} (exit status {status}; see {log})"
