"""A study from its first face to its files: resumable, and on several processes the same.

While it runs, `OUT/parts` keeps the answers to a few faces a file; when it ends, `study.json`,
`study.csv` and `answers.csv` take their place. Neither depends on how often the study was stopped
or on how many processes took part: parts are counted in their order, and every face has a seed of
its own.
"""

import csv
import io
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

from ferstudio.distributed import barrier, is_main_process, rank, world_size
from ferstudio.errors import UsageError
from ferstudio.files import whole_file, write_whole, writes_to
from ferstudio.studio.studio import Studio
from ferstudio.study.answers import PART_FACES, UNREAD, Asker, Part, read_part
from ferstudio.study.faces import StudyFaces
from ferstudio.study.findings import Findings, findings, read_findings
from ferstudio.study.plan import StudyPlan
from ferstudio.study.tally import Tally, emotions_of

STUDY_FILE, ROWS_FILE, ANSWERS_FILE = "study.json", "study.csv", "answers.csv"

PARTS, PLAN_FILE = "parts", "plan.json"

Advance = Callable[[int, int, bool], object]
"""Called as `advance(done, of, kept)` with this process's faces: done, of how many, and whether
they were kept from before."""

_STATES = ("unread", "no", "yes")


def run_study(
    studio: Studio, faces: StudyFaces, plan: StudyPlan, out: Path, advance: Advance
) -> Findings:
    """Return what a study found, which lies in `out` then.

    One that was stopped goes on where it was; one that is done is read again.

    Args:
        studio: opens networks and faces.
        faces: what is asked about.
        plan: what is asked.
        out: folder of the study.
        advance: is told how far this process has come.

    Raises:
        UsageError: if `out` holds another study, can't be written, or no picture can be read.
        WeightsError: if weights are damaged.
    """
    asker = Asker(studio, faces, plan)
    kept = _finished(out, faces, plan, asker)
    barrier()  # nobody writes before all have looked
    if kept is not None:
        return kept
    _begin(out, faces, plan, asker)
    with writes_to(out):
        _ask_all(asker, faces, plan, out / PARTS, advance)
        barrier()
        found = _counted(asker, faces, plan, out)
        barrier()
        if is_main_process():
            _finish(out, found)
    barrier()
    return found


def parts_of(count: int) -> list[range]:
    """Return the rows of each part of `count` faces."""
    return [range(i, min(i + PART_FACES, count)) for i in range(0, count, PART_FACES)]


def _finished(out: Path, faces: StudyFaces, plan: StudyPlan, asker: Asker) -> Findings | None:
    """Return what a study that is done has found; None where it isn't done.

    Raises:
        UsageError: if it is another one.
    """
    file = out / STUDY_FILE
    if not file.is_file():
        return None
    found = read_findings(file.read_bytes())
    told = (found.digest, found.plan, tuple(each.sha256 for each in found.models))
    if told != (faces.digest, plan.facts(), asker.checksums):
        raise UsageError(f"{out} holds another study; choose another --out, or remove it.")
    if is_main_process():
        shutil.rmtree(out / PARTS, ignore_errors=True)
    return found


def _begin(out: Path, faces: StudyFaces, plan: StudyPlan, asker: Asker) -> None:
    """Make the folder, or make sure that what it holds belongs to this very study.

    Raises:
        UsageError: if it doesn't, or the folder can't be written.
    """
    weights = [list(each) for each in asker.checksums]
    told = {"faces": faces.digest, "plan": plan.facts(), "weights": weights}
    file, content = out / PARTS / PLAN_FILE, (json.dumps(told, indent=1) + "\n").encode()
    with writes_to(out):
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.exists() and file.read_bytes() != content:
            raise UsageError(
                f"{out} holds a part of another study; choose another --out, or remove it."
            )
        barrier()
        if is_main_process():
            write_whole(file, content)
    barrier()


def _ask_all(
    asker: Asker, faces: StudyFaces, plan: StudyPlan, folder: Path, advance: Advance
) -> None:
    """Ask about all faces of this process that no file keeps yet."""
    own = list(enumerate(parts_of(len(faces.faces))))[rank() :: world_size()]
    total, done = sum(len(rows) for _, rows in own), 0
    for number, rows in own:
        file = _part_file(folder, number)
        kept = read_part(file, len(rows), plan) is not None
        if not kept:
            asker.ask(rows).write(file)
        done += len(rows)
        advance(done, total, kept)


def _counted(asker: Asker, faces: StudyFaces, plan: StudyPlan, out: Path) -> Findings:
    """Return what all parts say, and write the answers to each face meanwhile.

    Raises:
        UsageError: if no picture could be read.
    """
    names = tuple(model.card.label_names for model in asker.models)
    by_label = any(face.label for face in faces.faces)
    tally = Tally(names, emotions_of(names), by_label, len(plan.conditions))
    with (
        whole_file(out / ANSWERS_FILE) if is_main_process() else nullcontext(Path(os.devnull))
    ) as file:
        with file.open("w", encoding="utf-8", errors="surrogateescape", newline="") as stream:
            table = csv.writer(stream, lineterminator="\n")
            table.writerow(_answer_heads(plan))
            for rows, part in _parts(out / PARTS, faces, plan):
                tally.add(part, tuple(faces.faces[row].label for row in rows))
                table.writerows(_answer_rows(rows, part, faces, plan, names))
        if not tally.faces:
            raise UsageError(f"None of the {tally.unread} pictures of {faces.source} can be read.")
    return findings(tally, plan, faces, asker.models, asker.checksums)


def _parts(folder: Path, faces: StudyFaces, plan: StudyPlan) -> Iterator[tuple[range, Part]]:
    """Yield all parts in order; processes on machines that share no disk send each other theirs."""
    for number, rows in enumerate(parts_of(len(faces.faces))):
        part = None
        if number % world_size() == rank():
            part = read_part(_part_file(folder, number), len(rows), plan)
        yield rows, (part or Part.empty(len(rows), plan)).shared()


def _part_file(folder: Path, number: int) -> Path:
    return folder / f"{number:06d}.npz"


def _answer_heads(plan: StudyPlan) -> list[str]:
    covers = [f"{name}:{amount:g}" for name, amount in plan.conditions[1:]]
    return ["file", "label", "face", "seed", "model", "clean", *covers]


def _answer_rows(
    rows: range,
    part: Part,
    faces: StudyFaces,
    plan: StudyPlan,
    names: tuple[tuple[str, ...], ...],
) -> Iterator[list[str]]:
    for place, row in enumerate(rows):
        face, state = faces.faces[row], int(part.state[place])
        begin = [face.name, face.label, _STATES[state], str(plan.seed + row)]
        if state == UNREAD:
            yield [*begin, "", *[""] * len(plan.conditions)]
            continue
        for model, name in enumerate(plan.models):
            yield [*begin, name, *(names[model][each] for each in part.answers[place, model])]


def _finish(out: Path, found: Findings) -> None:
    stream = io.StringIO(newline="")
    table = csv.writer(stream, lineterminator="\n")
    table.writerow(
        "model occluder amount share faces flips flip_share flip_low flip_high n correct accuracy "
        "low high".split()
    )
    for row in found.rows:
        table.writerow(
            (
                row.model, row.occluder, row.amount, row.share, row.faces, row.flips,
                row.flip_share, *row.flip_ci95, row.n, row.correct, row.accuracy, *row.ci95,
            )
        )  # fmt: skip
    write_whole(out / ROWS_FILE, stream.getvalue().encode())
    write_whole(out / STUDY_FILE, found.content())
    shutil.rmtree(out / PARTS, ignore_errors=True)
