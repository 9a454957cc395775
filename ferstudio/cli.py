"""`python -m ferstudio`: what the page does, from the shell.

    models  [--json]
    analyze IMAGE... [--models a,b|all] [--occlude NAME[:AMOUNT]]... [--explain NAME]...
            [--seed N] [--out DIR] [--json]
    sweep IMAGE [--models a,b|all] [--occluders a,b|all] [--steps N] [--seed N] [--out DIR] [--json]
    bench   [--models a,b|all] [--runs N] [--json]

All take `--weights`. With `--json` stdout holds one JSON list and nothing else: of `models` one
object per weights, and per network that has none (`weights` is null there); of `analyze` one per
photograph with the keys of `ferstudio.report.analyze.Analysis`; of `sweep` one per model and
occluder with those of `ferstudio.report.sweep.SweepRow`; of `bench` one per network with
those of `ferstudio.explain.benchmark.Cost` and its two ratios, and of a robustness study by that
network alone the seconds `sweep_s`, those of its bare batched forward passes `sweep_forward_s`, and
their ratio `sweep_per_forward`. Exit status 0 on success, 2 with one line on stderr where an
argument or an input is of no use.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from ferstudio.errors import FerStudioError, UsageError, WeightsError

if TYPE_CHECKING:  # each command imports what it needs: networks take seconds to import
    from ferstudio.studio.selection import Cover
    from ferstudio.studio.studio import Studio

POOL_BYTES = 16 * 2**30
"""Every network that is asked stays in memory: the next photograph asks it again."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return its exit status."""
    try:
        options = _parser().parse_args(arguments)
        with redirect_stdout(sys.stderr):  # whatever a library prints, stdout is the result's
            text = options.command(options)
    except FerStudioError as error:
        print(" ".join(str(error).split()), file=sys.stderr)
        return 2
    print(text)
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
    analyze.add_argument("images", nargs="+", metavar="IMAGE", help="a photograph with a face")
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
    analyze.add_argument("--out", type=Path, metavar="DIR", help="write crops and overlays here")
    sweep = commands.add_parser("sweep", help="cover a face more and more until networks give way")
    sweep.set_defaults(command=_sweep)
    sweep.add_argument("image", metavar="IMAGE", help="a photograph with a face")
    sweep.add_argument(
        "--occluders", default="all", metavar="A,B", help="names of occluders, or all (the default)"
    )
    sweep.add_argument("--steps", type=int, default=8, help="amounts of each, up to 1 (8)")
    sweep.add_argument("--out", type=Path, metavar="DIR", help="write curves and matrix here")
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
            metavar="DIR|USER/REPO",
            help="folder of weights, or a Hugging Face Hub repository for what the folder beside "
            "the package lacks; FERSTUDIO_WEIGHTS says the same",
        )
    return parser


def _models(options: argparse.Namespace) -> str:
    from ferstudio.report.models import model_rows, models_table
    from ferstudio.studio.studio import Studio

    rows = model_rows(Studio(options.weights).models())
    return _as_json(rows) if options.json else models_table(rows)


def _analyze(options: argparse.Namespace) -> str:
    from ferstudio.report.analyze import AnalysisPlan, analyse_files
    from ferstudio.studio.selection import NONE
    from ferstudio.studio.studio import Studio

    studio = Studio(options.weights, pool_bytes=POOL_BYTES)
    plan = AnalysisPlan(
        models=_chosen_models(studio, options.models),
        covers=tuple(dict.fromkeys(_cover(text) for text in options.occlude if text != NONE)),
        explainers=tuple(dict.fromkeys(name for name in options.explain if name != NONE)),
        seed=options.seed,
        out=options.out,
    )
    analyses = []
    for analysis in analyse_files(studio, options.images, plan):
        if analysis.note:
            print(f"{analysis.image}: {analysis.note}", file=sys.stderr)
        analyses.append(analysis)
    if options.json:
        return _as_json([analysis.to_json() for analysis in analyses])
    return "\n\n".join(analysis.table() for analysis in analyses)


def _chosen_models(studio: "Studio", text: str) -> tuple[str, ...]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    if names == ["all"]:
        names = [summary.name for summary in studio.models()]
        if not names:
            raise WeightsError("There are no weights to ask; train some or name a --weights.")
    if not names:
        raise UsageError("--models needs at least one name, or all.")
    return tuple(dict.fromkeys(studio.resolve(name) for name in names))


def _cover(text: str) -> "Cover":
    from ferstudio.studio.selection import Cover

    name, colon, amount = text.partition(":")
    if not colon:
        return Cover(name)
    try:
        return Cover(name, float(amount))
    except ValueError:
        raise UsageError(f"--occlude {text}: {amount!r} is no number from 0 to 1.") from None


def _sweep(options: argparse.Namespace) -> str:
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
    return _as_json([asdict(row) for row in report.rows()]) if options.json else report.table()


def _bench(options: argparse.Namespace) -> str:
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
        return _as_json([cost.to_json() for cost in costs])
    together = studio.sweep_cost(names, runs=study_runs(options.runs))
    return f"{bench_table(costs)}\n{study_line(together)}"


def _as_json(value: object) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False)
