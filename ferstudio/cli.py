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
from typing import TYPE_CHECKING, Any, NoReturn

from ferstudio.errors import FerStudioError, UsageError, WeightsError

if TYPE_CHECKING:  # each command imports what it needs: networks take seconds to import
    from ferstudio.explain.benchmark import Cost
    from ferstudio.report.analyze import Analysis, ModelAnalysis
    from ferstudio.studio.results import ModelSummary
    from ferstudio.studio.selection import Cover
    from ferstudio.studio.studio import Studio
    from ferstudio.studio.sweep_cost import SweepCost

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
    from ferstudio.models import list_models
    from ferstudio.studio.studio import Studio

    trained = Studio(options.weights).models()
    rows = [_trained_row(summary) for summary in trained]
    rows += [_untrained_row(n) for n in list_models() if n not in {t.model for t in trained}]
    return _as_json(rows) if options.json else _models_table(rows)


def _trained_row(summary: "ModelSummary") -> dict[str, Any]:
    return {**asdict(summary), "weights": summary.name}


def _untrained_row(name: str) -> dict[str, Any]:
    from ferstudio.labels import FERPLUS
    from ferstudio.models import model_entry
    from ferstudio.models.counts import count_parameters

    entry = model_entry(name)
    return {
        "name": name,
        "model": name,
        "title": entry.title,
        "summary": entry.summary,
        "paper": entry.paper,
        "params": count_parameters(name, num_classes=len(FERPLUS)),
        "labels": None,
        "metrics": [],
        "size_bytes": None,
        "weights": None,
    }


def _models_table(rows: Sequence[dict[str, Any]]) -> str:
    lines = [f"{'name':26} {'title':18} {'params':>8} {'weights':>9}  measured"]
    for row in rows:
        size = f"{row['size_bytes'] / 2**20:.1f} MiB" if row["size_bytes"] else "-"
        measured = [_metric(metric) for metric in row["metrics"]]
        state = "no weights yet" if row["weights"] is None else "not measured"
        first, *others = measured or [state]
        params = f"{row['params'] / 1e6:.1f} M"
        lines.append(f"{row['name']:26} {row['title']:18} {params:>8} {size:>9}  {first}")
        lines += [f"{'':65} {other}" for other in others]
        lines.append(f"  {row['paper']}")
    return "\n".join(lines)


def _metric(metric: dict[str, Any]) -> str:
    """Return one measurement of a card in words; what the card doesn't say is left out."""
    where = " ".join(str(metric[key]) for key in ("labels", "split", "subset") if metric.get(key))
    if metric.get("occlude", "none") != "none":
        where += f" under {metric['occlude']}:{metric['amount']:g}"
    text = f"{100 * metric['accuracy']:.1f} % on {where}"
    details = []
    if "n" in metric:
        details.append(f"n {metric['n']}")
    if "ci95" in metric:
        low, high = metric["ci95"]
        details.append(f"95 % interval {100 * low:.1f} to {100 * high:.1f}")
    if metric.get("protocol"):
        details.append(str(metric["protocol"]))
    return text + (f" ({'; '.join(details)})" if details else "")


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
    return "\n\n".join(_analysis_table(analysis) for analysis in analyses)


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


def _analysis_table(analysis: "Analysis") -> str:
    faces = "1 face" if analysis.faces == 1 else f"{analysis.faces or 'no'} faces"
    lines = [f"{analysis.image} ({faces})"]
    lines.append(f"  {'weights':26} {'face':22} {'hidden':>6}  {'answer':16}  heat on the cover")
    for result in analysis.results:
        lines += _result_lines(result)
    return "\n".join(lines)


def _result_lines(result: "ModelAnalysis") -> list[str]:
    lines = []
    for answer in (result.clean, *result.occluded):
        covered = answer.occluder != "none"
        name = result.weights if not covered else ""
        face = f"{answer.occluder} {answer.amount:g}" if covered else "clean"
        hidden = f"{100 * answer.share:.0f} %" if covered else ""
        said = f"{answer.top} {100 * answer.confidence:.0f} %"
        heat = ", ".join(f"{100 * s:.0f} % ({how})" for how, s in answer.leakage_share.items())
        flip = "changed its mind" if answer.flipped else ""
        row = f"  {name:26} {face:22} {hidden:>6}  {said:16}  {heat:20} {flip}"
        lines.append(row.rstrip())
    return lines


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
    from ferstudio.studio.studio import Studio

    studio = Studio(options.weights, pool_bytes=POOL_BYTES)
    names = _chosen_models(studio, options.models)
    if options.models == "all":  # but those that no CAM can show, as an ensemble
        shown = {each.name for each in studio.models() if model_entry(each.model).cam_layers}
        names = tuple(name for name in names if name in shown)
    costs = [studio.cost(name, runs=options.runs) for name in names]
    runs = max(1, options.runs // 5)  # a study takes some hundred forward passes
    sweeps = [studio.sweep_cost([name], runs=runs) for name in names]
    if options.json:
        rows = zip(costs, sweeps, strict=True)
        return _as_json([_bench_row(cost, sweep) for cost, sweep in rows])
    together = sweeps[0] if len(names) == 1 else studio.sweep_cost(names, runs=runs)
    return f"{_bench_table(costs, sweeps)}\n{_sweep_line(together)}"


def _bench_row(cost: "Cost", sweep: "SweepCost") -> dict[str, Any]:
    return asdict(cost) | {
        "sweep_s": sweep.sweep_s,
        "sweep_forward_s": sweep.forward_s,
        "sweep_per_forward": sweep.per_forward,
    }


def _bench_table(costs: "Sequence[Cost]", sweeps: "Sequence[SweepCost]") -> str:
    shape = "{:26} {:>5} {:>10} {:>12} {:>16} {:>10} {:>8}  {}"
    head = ("weights", "px", "forward", "ours", "pytorch-grad-cam", "torch-cam", "sweep")
    lines = [shape.format(*head, "CAM layer")]
    for cost, sweep in zip(costs, sweeps, strict=True):
        other = cost.torch_cam_per_forward
        cells = (
            cost.weights,
            cost.size_px,
            f"{1000 * cost.forward_s:.1f} ms",
            f"{cost.ours_per_forward:.2f} x",
            f"{cost.grad_cam_per_forward:.2f} x",
            "-" if other is None else f"{other:.2f} x",
            f"{sweep.per_forward:.2f} x",
            cost.layer,
        )
        lines.append(shape.format(*cells))
    lines.append(
        "Medians, also of the rounds' ratios. Ours is prediction, Grad-CAM and attention; all "
        "three methods in forward passes; sweep is a robustness study by that network alone, in "
        "its own batched forward passes."
    )
    return "\n".join(lines)


def _sweep_line(cost: "SweepCost") -> str:
    who = "1 network" if len(cost.models) == 1 else f"{len(cost.models)} networks together"
    return (
        f"Robustness study of {who}, {cost.occluders} occluders at {cost.amounts} amounts: "
        f"{cost.sweep_s:.2f} s, {cost.per_forward:.2f} x its bare forward passes."
    )


def _as_json(value: object) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False)
