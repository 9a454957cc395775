"""Commands side by side: what each says, what it gets of the processor, and that all end."""

import time
from pathlib import Path

import pytest

from training.engine.processes import Job, run_side_by_side, share_cores


def job(name: str, code: str, folder: Path) -> Job:
    return Job(name, ("-c", code), folder / "logs" / f"{name}.log")


@pytest.mark.parametrize(
    ("cores", "jobs", "expected"),
    [(16, 9, [2] * 7 + [1] * 2), (16, 4, [4] * 4), (2, 3, [1] * 3), (4, 0, [])],
)
def test_all_cores_are_shared_out(cores: int, jobs: int, expected: list[int]) -> None:
    assert share_cores(cores, jobs) == expected


def test_one_that_fails_leaves_the_others_alone_and_tells_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.engine.processes.available_cores", lambda: 5)
    jobs = [
        job("well", "import os; print(os.environ['OMP_NUM_THREADS'])", tmp_path),
        job("badly", "import sys; print('so far', end='\\r'); sys.exit('no such thing')", tmp_path),
    ]
    problems = run_side_by_side(jobs, until=time.monotonic() + 60)
    log = tmp_path / "logs" / "badly.log"
    assert problems == {"well": "", "badly": f"no such thing (exit status 1; see {log})"}
    assert (tmp_path / "logs" / "well.log").read_text() == "3\n"


def test_what_is_late_is_stopped(tmp_path: Path) -> None:
    jobs = [job("late", "import time; time.sleep(60)", tmp_path), job("well", "", tmp_path)]
    begun = time.monotonic()
    problems = run_side_by_side(jobs, until=begun + 1)
    assert problems == {"late": "it was stopped, being late", "well": ""}
    assert time.monotonic() - begun < 20


def test_nothing_runs_on_after_an_interruption(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "alive"
    code = f"import time\nwhile True:\n open({str(file)!r}, 'a').write('.'); time.sleep(0.05)"

    def interrupt(_seconds: float) -> None:
        while not file.exists():
            pass
        raise KeyboardInterrupt

    monkeypatch.setattr("training.engine.processes.time.sleep", interrupt)
    with pytest.raises(KeyboardInterrupt):
        run_side_by_side([job("endless", code, tmp_path)], until=time.monotonic() + 60)
    monkeypatch.undo()
    size = file.stat().st_size
    time.sleep(0.3)
    assert file.stat().st_size == size
