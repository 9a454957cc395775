"""A montage from the shell: what `python -m ferstudio analyze --montage` writes."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ferstudio.errors import ImageError, UsageError
from ferstudio.plots.frame import FORMATS, require_matplotlib, write_figure
from ferstudio.plots.montage import montage_plot
from ferstudio.report.photographs import Unanswered
from ferstudio.studio.montage import ATTENTION, HEAT, MAX_FACES, MontagePlan
from ferstudio.studio.studio import Studio
from ferstudio.types import FaceCrop


@dataclass(frozen=True, slots=True)
class MontageFiles:
    """What a montage is made of, and where it goes.

    Attributes:
        models: names of weights, a row each.
        photographs: files, a column each by its largest face; none for the sample faces.
        out: files to write, each in the format of its ending.
        explainer: registry name of the heatmap method.
        attention: whether it shows the networks' own attention instead.
    """

    models: tuple[str, ...]
    photographs: tuple[str, ...]
    out: tuple[Path, ...]
    explainer: str = "grad-cam"
    attention: bool = False

    def __post_init__(self) -> None:
        """Refuse formats that aren't written and more pictures than fit, before anything is asked.

        Raises:
            UsageError: if so.
        """
        for file in self.out:
            if file.suffix.lower().removeprefix(".") not in FORMATS:
                endings = ", .".join(FORMATS)
                raise UsageError(f"A figure's file ends in .{endings}, not as {file.name}.")
        if len(self.photographs) > MAX_FACES:
            raise UsageError(
                f"A montage has {MAX_FACES} faces at most, not {len(self.photographs)}."
            )


def write_montage(studio: Studio, asked: MontageFiles) -> list[Path]:
    """Write a montage and return its files; a photograph that can't be read is left out and told.

    Raises:
        UnknownNameError: if a model or the explainer doesn't exist.
        ImageError: if no photograph can be read.
        UsageError: if a file can't be written.
        FerStudioError: if matplotlib isn't installed.
    """
    require_matplotlib()
    faces, names = _samples(studio) if not asked.photographs else _photographs(studio, asked)
    shows = ATTENTION if asked.attention else HEAT
    plan = MontagePlan(asked.models, faces, names, shows, asked.explainer)
    *_, found = studio.montage(plan)
    figure = montage_plot(found)
    return [write_figure(figure, file) for file in asked.out]


def _samples(studio: Studio) -> tuple[tuple[FaceCrop, ...], tuple[str, ...]]:
    names = studio.samples()
    return tuple(studio.sample(name) for name in names), names


def _photographs(
    studio: Studio, asked: MontageFiles
) -> tuple[tuple[FaceCrop, ...], tuple[str, ...]]:
    faces, names = list[FaceCrop](), list[str]()
    failed: Sequence[Unanswered] = []
    for file in asked.photographs:
        try:
            search = studio.find_faces_in(file)
        except ImageError as error:
            failed = [*failed, Unanswered(file, " ".join(str(error).split()))]
            continue
        faces.append(studio.crop(search.image, search.faces[0] if search.faces else None))
        names.append(Path(file).stem)
        if search.note_but_choice:
            print(f"{file}: {search.note_but_choice}", file=sys.stderr)
    for each in failed:
        print(each.table(), file=sys.stderr)
    if not faces:
        raise ImageError("None of the photographs can be drawn.")
    return tuple(faces), tuple(names)
