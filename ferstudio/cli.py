"""`python -m ferstudio`: what the page does, from the shell.

    models  [--json]
    analyze IMAGE... [--face N|largest|all] [--models a,b|all] [--occlude NAME[:AMOUNT]]...
            [--explain NAME]... [--seed N] [--out DIR] [--json | --jsonl]
    analyze VIDEO... [--models a,b|all] [--occlude NAME[:AMOUNT]] [--explain NAME] [--fps N]
            [--seed N] [--out DIR] [--json | --jsonl]
    analyze [IMAGE...] --montage FILE... [--models a,b|all] [--explain NAME | --attention]
    sweep IMAGE [--models a,b|all] [--occluders a,b|all] [--steps N] [--seed N] [--out DIR] [--json]
    bench   [--models a,b|all] [--runs N] [--json]

All take `--weights`. With `--json` stdout holds one JSON list and nothing else: of `models` one
object per weights, and per network that has none (`weights` is null there); of `analyze` one per
face asked about with the keys of `ferstudio.report.analyze.Analysis`, or per photograph that can't
be with those of `ferstudio.report.photographs.Unanswered` (`--jsonl` prints each on a line of its
own as soon as it is known), and per video one with those of `ferstudio.keep.video.video_json`; of
`sweep` one per model and
occluder with those of `ferstudio.report.sweep.SweepRow`; of `bench` one per network with
those of `ferstudio.explain.benchmark.Cost` and its two ratios, and of a robustness study by that
network alone the seconds `sweep_s`, those of its bare batched forward passes `sweep_forward_s`, and
their ratio `sweep_per_forward`. Exit status 0 on success, 2 with one line on stderr where an
argument or all input is of no use.
"""

import argparse
import codecs
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from ferstudio.console import framed, say
from ferstudio.errors import ImageError, UsageError, WeightsError

if TYPE_CHECKING:  # each command imports what it needs: networks take seconds to import
    from ferstudio.report.analyze import Analysis
    from ferstudio.report.photographs import Unanswered
    from ferstudio.studio.selection import Cover
    from ferstudio.studio.studio import Studio
    from ferstudio.studio.works import Watch
    from ferstudio.types import InputSpec

POOL_BYTES = 16 * 2**30
"""Every network that is asked stays in memory: the next photograph asks it again."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return its exit status."""
    return framed(lambda: _run(arguments))


def _run(arguments: Sequence[str] | None) -> int:
    stdout, options = sys.stdout, _parser().parse_args(arguments)
    with redirect_stdout(sys.stderr):  # whatever a library prints, stdout is the result's
        for text in options.command(options):
            print(text, file=stdout, flush=True)
    return 0


class _Parser(argparse.ArgumentParser):
    """A parser whose complaint is one line."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{self.prog}: {message}; --help shows what is possible.")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m ferstudio", description="The studio from the shell.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    models = commands.add_parser("models", help="list networks and their weights")
    models.set_defaults(command=_models)
    analyze = commands.add_parser("analyze", help="ask networks about photographs")
    analyze.set_defaults(command=_analyze)
    analyze.add_argument(
        "images",
        nargs="*",
        metavar="IMAGE",
        help="a photograph with a face, a folder of such, or a pattern as '*.jpg'; or a video",
    )
    analyze.add_argument(
        "--face",
        default="largest",
        metavar="N|largest|all",
        help="which faces of a photograph: all, or one by its number, 1 for the largest (largest)",
    )
    analyze.add_argument(
        "--occlude",
        action="append",
        default=[],
        metavar="NAME[:AMOUNT]",
        help="cover the face as well, AMOUNT in [0, 1]; may be repeated",
    )
    analyze.add_argument(
        "--explain",
        action="append",
        default=[],
        metavar="NAME",
        help="heatmap method, such as grad-cam; may be repeated",
    )
    analyze.add_argument(
        "--recipe",
        type=Path,
        metavar="FILE",
        help="instead of photographs: numbers.json or a report that the page saved; asks again and "
        "says whether the answers are the same to 1e-6",
    )
    analyze.add_argument(
        "--out", type=Path, metavar="DIR", help="write crops and overlays, or a video's film, here"
    )
    analyze.add_argument(
        "--fps",
        type=float,
        metavar="N",
        help="frames of a video's second to ask about (5)",
    )
    analyze.add_argument(
        "--montage",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="draw all networks' heatmaps of the photographs instead, or of the sample faces where "
        "none is named: a .png, .svg or .pdf; may be repeated",
    )
    analyze.add_argument(
        "--attention", action="store_true", help="draw the networks' own attention in the montage"
    )
    analyze.add_argument(
        "--jsonl", action="store_true", help="print each answer at once, as a line of JSON"
    )
    sweep = commands.add_parser("sweep", help="cover a face more and more until networks give way")
    sweep.set_defaults(command=_sweep)
    sweep.add_argument("image", metavar="IMAGE", help="a photograph with a face")
    sweep.add_argument(
        "--occluders", default="all", metavar="A,B", help="names of occluders, or all (the default)"
    )
    sweep.add_argument("--steps", type=int, default=8, help="amounts of each, up to 1 (8)")
    sweep.add_argument("--out", type=Path, metavar="DIR", help="write curves and matrix here")
    _add_study(commands)
    _add_import(commands)
    bench = commands.add_parser("bench", help="time explanations beside bare forward passes")
    bench.set_defaults(command=_bench)
    bench.add_argument("--runs", type=int, default=15, help="timed runs of each, in turns (15)")
    for command in (analyze, sweep):
        command.add_argument("--seed", type=int, default=7, help="of all that is random (7)")
    for command in (analyze, sweep, bench):
        command.add_argument(
            "--models", default="all", metavar="A,B", help="names of weights, or all (the default)"
        )
    for command in (models, analyze, sweep, bench):
        command.add_argument("--json", action="store_true", help="print one JSON list")
        command.add_argument(
            "--weights",
            metavar="DIR|hf:USER/REPO",
            help="folder of weights, or a Hugging Face Hub repository for what the folder beside "
            "the package lacks; FERSTUDIO_WEIGHTS says the same",
        )
    return parser


def _add_import(commands: "argparse._SubParsersAction[_Parser]") -> None:
    own = commands.add_parser("import", help="make a weights folder of a checkpoint of your own")
    own.set_defaults(command=_import)
    own.add_argument(
        "checkpoint",
        type=Path,
        metavar="CHECKPOINT",
        help="a state dict (.pt, .pth, .safetensors), or a black box of ONNX or TorchScript",
    )
    own.add_argument(
        "--model",
        metavar="NAME",
        help="of a state dict: a network that models lists, torchvision_NAME or timm_NAME",
    )
    own.add_argument("--labels", required=True, metavar="SET", help="label set, in logit order")
    own.add_argument("--input", type=int, default=224, metavar="PX", help="side of the input (224)")
    own.add_argument(
        "--mean", default="0.485,0.456,0.406", metavar="R,G,B", help="subtracted, in [0, 1]"
    )
    own.add_argument("--std", default="0.229,0.224,0.225", metavar="R,G,B", help="divided by")
    own.add_argument("--grayscale", action="store_true", help="the network was trained on grey")
    own.add_argument("--out", type=Path, metavar="WEIGHTS/TAG", help="none: say what fits only")


def _import(options: argparse.Namespace) -> Iterator[str]:
    from ferstudio.models.black_box import black_box_kind
    from ferstudio.models.importing import fit, import_checkpoint, read_checkpoint
    from ferstudio.types import InputSpec

    mean, std = (_three(text) for text in (options.mean, options.std))
    spec = InputSpec(options.input, mean, std, grayscale=options.grayscale)
    kind = black_box_kind(options.checkpoint)
    if kind is not None:
        yield from _import_black_box(options, kind, spec)
        return
    state = read_checkpoint(options.checkpoint)
    if options.model is None:
        raise UsageError(
            f"Say by --model which network {options.checkpoint.name} holds the tensors of."
        )
    if options.out is None:
        yield fit(state, options.model, options.labels).text()
        return
    folder, changed = import_checkpoint(state, options.model, options.labels, spec, options.out)
    yield (
        f"{folder} is ready: --weights {folder.parent}. Stored in 8 bits, its probabilities differ "
        f"from the checkpoint's by up to {changed:.4f} on random pictures."
    )


def _import_black_box(options: argparse.Namespace, kind: str, spec: "InputSpec") -> Iterator[str]:
    from ferstudio.models.importing import import_black_box, try_black_box

    if options.model not in (None, kind):
        raise UsageError(
            f"{options.checkpoint.name} is a network of its own, not tensors of {options.model}; "
            "leave --model out."
        )
    found = try_black_box(options.checkpoint, kind, options.labels, spec)
    yield found.text()
    if options.out is not None:
        folder = import_black_box(options.checkpoint, found, options.labels, spec, options.out)
        yield f"{folder} is ready: --weights {folder.parent}."


def _three(text: str) -> tuple[float, float, float]:
    try:
        red, green, blue = (float(part) for part in text.split(","))
    except ValueError:
        raise UsageError(f"Give three numbers as 0.5,0.5,0.5, not {text!r}.") from None
    return red, green, blue


def _add_study(commands: "argparse._SubParsersAction[_Parser]") -> None:
    study = commands.add_parser("study", help="cover many faces more and more, and count")
    study.set_defaults(command=_study)
    study.add_argument(
        "faces",
        type=Path,
        metavar="DIR|ZIP|CSV",
        help="pictures, labelled by their folders' names or by the column label of a CSV, or not",
    )
    study.add_argument(
        "--models", default="all", metavar="A,B", help="names of weights, or all (the default)"
    )
    study.add_argument(
        "--occluders", default="all", metavar="A,B", help="names of occluders, or all (the default)"
    )
    study.add_argument("--steps", type=int, default=8, help="amounts of each, up to 1 (8)")
    study.add_argument("--seed", type=int, default=7, help="of all that is random (7)")
    study.add_argument("--explainer", default="grad-cam", metavar="NAME", help="method (grad-cam)")
    study.add_argument(
        "--faithfulness",
        type=int,
        default=100,
        metavar="N",
        help="judge heatmaps on N faces, chosen at random (100); 0 for none",
    )
    study.add_argument(
        "--crop",
        choices=("find", "whole"),
        default="find",
        help="find the face in each picture, or take the whole picture as one (find)",
    )
    study.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder of the study")
    study.add_argument("--json", action="store_true", help="print study.json")
    study.add_argument("--weights", metavar="DIR|hf:USER/REPO", help="as of the other commands")


def _models(options: argparse.Namespace) -> Iterator[str]:
    from ferstudio.report.models import model_rows, models_table
    from ferstudio.studio.studio import Studio

    studio = Studio(options.weights)
    _say_damaged(studio)
    rows = model_rows(studio.models())
    yield _as_json(rows) if options.json else models_table(rows)


def _analyze(options: argparse.Namespace) -> Iterator[str]:
    from ferstudio.studio.studio import Studio

    if options.recipe is not None and options.images:
        raise UsageError("python -m ferstudio analyze: give an IMAGE, or a recipe by --recipe.")
    if options.json and options.jsonl:
        raise UsageError("python -m ferstudio analyze: give --json or --jsonl, not both.")
    studio = Studio(options.weights, pool_bytes=POOL_BYTES)
    if options.recipe is not None:
        yield from _repeat(studio, options)
    elif options.montage:
        yield from _montage(studio, options)
    elif any(map(_is_video, options.images)):
        yield from _videos(studio, options)
    elif options.images:
        yield from _answers(studio, options)
    else:
        raise UsageError(
            "python -m ferstudio analyze: needs an IMAGE, --recipe FILE, or --montage FILE for "
            "the sample faces; --help shows what is possible."
        )


def _answers(studio: "Studio", options: argparse.Namespace) -> Iterator[str]:
    from tqdm import tqdm

    from ferstudio.report.analyze import Analysis, AnalysisPlan, analyse_files
    from ferstudio.report.photographs import Unanswered, face_choice, photographs
    from ferstudio.studio.selection import NONE

    _refuse("photographs", {"--fps": options.fps is not None, "--attention": options.attention})
    covers = dict.fromkeys(map(_cover, options.occlude))
    plan = AnalysisPlan(
        models=_chosen_models(studio, options.models),
        covers=tuple(each for each in covers if each.name != NONE),
        explainers=tuple(dict.fromkeys(name for name in options.explain if name != NONE)),
        seed=options.seed,
        out=options.out,
        face=face_choice(options.face),
    )
    files = photographs(options.images)
    found, failed = [], list[Unanswered]()
    few = None if len(files) > 1 else True  # None: a bar where stderr is a terminal
    with tqdm(total=len(files), unit="photograph", disable=few) as bar:
        for answer in analyse_files(studio, files, plan):
            bar.update(files.index(answer.image) + 1 - bar.n)
            if isinstance(answer, Unanswered):
                failed.append(answer)
            found.append(answer)
            if note := _note(answer, of=len(files)):
                print(note, file=sys.stderr)
            if options.jsonl:
                yield _as_json(answer.to_json(), indent=None)
            elif not options.json and isinstance(answer, Analysis):
                yield answer.table() if len(found) == 1 else f"\n{answer.table()}"
    if len(failed) == len(found):
        said = failed[0].table() if len(files) == 1 else "None of the photographs can be answered."
        raise ImageError(said)
    if options.json:
        yield _as_json([answer.to_json() for answer in found])


def _is_video(file: str) -> bool:
    from ferstudio.video_files import VIDEO_SUFFIXES

    return Path(file).suffix.lower() in VIDEO_SUFFIXES


def _videos(studio: "Studio", options: argparse.Namespace) -> Iterator[str]:
    from ferstudio.keep.video import VideoReport, analyse_video, film_files, video_plan
    from ferstudio.report.album import refuse_to_overwrite, unique_stems
    from ferstudio.studio.video import FPS
    from ferstudio.video_files import read_info

    if not all(map(_is_video, options.images)):
        raise UsageError("Ask about photographs and about videos in two commands.")
    if options.face != "largest":
        raise UsageError("Of a video the largest face is asked about; leave out --face.")
    _refuse("videos", {"--attention": options.attention})
    files = list(dict.fromkeys(options.images))
    for file in files:  # all are known to be readable before any is answered
        read_info(file)
    if options.out is not None:
        made = [film_files(options.out / f"{stem}.mp4") for stem in unique_stems(files)]
        refuse_to_overwrite(files, chain.from_iterable(made))
    plan = video_plan(
        _chosen_models(studio, options.models),
        [_cover(text, options.seed) for text in options.occlude],
        options.explain,
        fps=FPS if options.fps is None else options.fps,
    )
    reports = list[VideoReport]()
    for file, stem in zip(files, unique_stems(files), strict=True):
        out = None if options.out is None else options.out / f"{stem}.mp4"
        with _second_by_second(file) as watch:
            reports.append(analyse_video(studio, file, plan, out=out, watch=watch))
        if options.jsonl:
            yield _as_json(reports[-1].to_json(), indent=None)
        elif not options.json:
            yield reports[-1].table()
    if options.json:
        yield _as_json([report.to_json() for report in reports])


@contextmanager
def _second_by_second(file: str) -> "Iterator[Watch]":
    """Give what tells stderr how far a video's answers are, and how long the rest will take."""
    from tqdm import tqdm

    seldom_s = 0.5 if sys.stderr.isatty() else 30.0
    with tqdm(desc=Path(file).name, total=100, unit="%", mininterval=seldom_s) as bar:
        yield lambda standing: bar.update(round(100 * standing.share_done) - bar.n)
        bar.update(100 - bar.n)


def _montage(studio: "Studio", options: argparse.Namespace) -> Iterator[str]:
    from ferstudio.report.montage import MontageFiles, write_montage
    from ferstudio.report.photographs import photographs

    _refuse(
        "a montage of bare faces by one method",
        {
            "--occlude": options.occlude,
            "--face": options.face != "largest",
            "--fps": options.fps is not None,
            "--out": options.out,
            "--json": options.json,
            "--jsonl": options.jsonl,
            "more than one --explain": len(options.explain) > 1,
            "--explain beside --attention": options.explain and options.attention,
        },
    )
    asked = MontageFiles(
        models=_chosen_models(studio, options.models),
        photographs=tuple(photographs(options.images)),
        out=tuple(options.montage),
        explainer=next(iter(options.explain), "grad-cam"),
        attention=options.attention,
    )
    yield from map(str, write_montage(studio, asked))


def _refuse(what: str, given: Mapping[str, object]) -> None:
    """Refuse options that are given though they mean nothing for what is asked about."""
    if names := [name for name, value in given.items() if value]:
        raise UsageError(
            f"python -m ferstudio analyze: nothing of {what} follows {' and '.join(names)}; leave "
            "it out."
        )


def _repeat(studio: "Studio", options: argparse.Namespace) -> Iterator[str]:
    from ferstudio.keep.recipe import read_recipe, repeated, repeated_table

    _refuse(
        "a recipe, which says itself what is asked,",
        {
            "--models": options.models != "all",
            "--face": options.face != "largest",
            "--occlude": options.occlude,
            "--explain": options.explain,
            "--out": options.out,
            "--fps": options.fps is not None,
            "--montage": options.montage,
            "--attention": options.attention,
        },
    )
    if not options.recipe.is_file():
        raise UsageError(f"{options.recipe} doesn't exist; give a file that the page saved.")
    recipe = read_recipe(options.recipe.read_bytes())
    answers = repeated(studio, recipe)
    if options.jsonl:
        yield from (_as_json(each.to_json(), indent=None) for each in answers)
    elif options.json:
        yield _as_json([each.to_json() for each in answers])
    else:
        yield repeated_table(answers)


def _note(answer: "Analysis | Unanswered", *, of: int) -> str:
    """Return what stderr should say about a photograph, of so many; once, for its first face."""
    from ferstudio.report.analyze import Analysis

    if not isinstance(answer, Analysis):
        return answer.table() if of > 1 else ""  # the only one's fault ends the command
    first = answer.face in {None, 1}
    return f"{answer.image}: {answer.note}" if answer.note and first else ""


def _chosen_models(studio: "Studio", text: str) -> tuple[str, ...]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    if names == ["all"]:
        _say_damaged(studio)
        names = [summary.name for summary in studio.models()]
        if not names:
            raise WeightsError("There are no weights to ask; train some or name a --weights.")
    if not names:
        raise UsageError("--models needs at least one name, or all.")
    return tuple(dict.fromkeys(studio.resolve(name) for name in names))


def _say_damaged(studio: "Studio") -> None:
    for sentence in studio.damaged():
        say(sentence)


def _cover(text: str, seed: int = 7) -> "Cover":
    from ferstudio.studio.selection import Cover

    name, colon, amount = text.partition(":")
    if not colon:
        return Cover(name, seed=seed)
    try:
        return Cover(name, float(amount), seed)
    except ValueError:
        raise UsageError(f"--occlude {text}: {amount!r} is no number from 0 to 1.") from None


def _sweep(options: argparse.Namespace) -> Iterator[str]:
    from ferstudio.report.sweep import SweepPlan, chosen_occluders, sweep_file
    from ferstudio.studio.studio import Studio

    studio = Studio(options.weights, pool_bytes=POOL_BYTES)
    plan = SweepPlan(
        models=_chosen_models(studio, options.models),
        occluders=chosen_occluders(options.occluders),
        steps=options.steps,
        seed=options.seed,
        out=options.out,
    )
    report = sweep_file(studio, options.image, plan)
    if report.note:
        print(f"{report.image}: {report.note}", file=sys.stderr)
    yield _as_json([asdict(row) for row in report.rows()]) if options.json else report.table()


def _study(options: argparse.Namespace) -> Iterator[str]:
    from tqdm import tqdm

    from ferstudio.distributed import is_main_process, process_group, world_size
    from ferstudio.report.sweep import chosen_occluders
    from ferstudio.studio.studio import Studio
    from ferstudio.study.faces import study_faces
    from ferstudio.study.plan import StudyPlan
    from ferstudio.study.run import run_study

    studio = Studio(options.weights, pool_bytes=POOL_BYTES)
    plan = StudyPlan(
        models=_chosen_models(studio, options.models),
        occluders=chosen_occluders(options.occluders),
        steps=options.steps,
        seed=options.seed,
        explainer=options.explainer,
        judged=options.faithfulness,
        crop=options.crop,
    )
    faces = study_faces(options.faces)
    with process_group("cpu"):
        of = f" of {world_size()} processes'" if world_size() > 1 else ""
        seldom_s = 0.5 if sys.stderr.isatty() else 30.0
        with tqdm(
            unit="face",
            desc=f"faces{of}",
            smoothing=0,
            mininterval=seldom_s,
            disable=not is_main_process(),
        ) as bar:

            def advance(done: int, total: int, kept: bool) -> None:
                bar.total = total
                if kept:  # no time was spent on them, so none is foreseen by them
                    bar.initial += done - bar.n
                bar.update(done - bar.n)

            found = run_study(studio, faces, plan, options.out, advance)
        if is_main_process():
            yield found.content().decode() if options.json else found.table()


def _bench(options: argparse.Namespace) -> Iterator[str]:
    from ferstudio.models import model_entry
    from ferstudio.report.bench import bench_table, measure_networks, study_line, study_runs
    from ferstudio.studio.studio import Studio

    studio = Studio(options.weights, pool_bytes=POOL_BYTES)
    names = _chosen_models(studio, options.models)
    if options.models == "all":  # but those that no CAM can show, as an ensemble
        shown = {each.name for each in studio.models() if model_entry(each.model).cam_layers}
        names = tuple(name for name in names if name in shown)
    costs = list(measure_networks(studio, names, options.runs))
    if options.json:
        yield _as_json([cost.to_json() for cost in costs])
        return
    together = studio.sweep_cost(names, runs=study_runs(options.runs))
    yield f"{bench_table(costs)}\n{study_line(together)}"


def _as_json(value: object, indent: int | None = 1) -> str:
    """Return a value as JSON, in signs that stdout has."""
    return json.dumps(value, indent=indent, ensure_ascii=not _prints_unicode())


def _prints_unicode() -> bool:
    encoding = sys.__stdout__.encoding if sys.__stdout__ is not None else None
    return codecs.lookup(encoding or "ascii").name.startswith("utf")
