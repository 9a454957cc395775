"""What networks cost, written down: what `python -m ferstudio bench` reports."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ferstudio.explain.benchmark import Cost
from ferstudio.studio.studio import Studio
from ferstudio.studio.sweep_cost import SweepCost

RUNS_PER_STUDY = 5
"""So many runs of an explanation are timed for one of a study, which takes some hundred passes."""


@dataclass(frozen=True, slots=True)
class NetworkCost:
    """What one network costs.

    Attributes:
        explanation: of one picture.
        study: of a robustness study by this network alone.
    """

    explanation: Cost
    study: SweepCost

    def to_json(self) -> dict[str, Any]:
        """Return JSON values: the keys of `Cost`, and three of the study."""
        return asdict(self.explanation) | {
            "sweep_s": self.study.sweep_s,
            "sweep_forward_s": self.study.forward_s,
            "sweep_per_forward": self.study.per_forward,
        }


def measure_networks(studio: Studio, names: Sequence[str], runs: int) -> Iterator[NetworkCost]:
    """Yield what each network costs.

    Args:
        studio: has the networks.
        names: of weights.
        runs: timed runs of each explanation.

    Raises:
        UnknownNameError: if a model doesn't exist.
        UsageError: if `runs` is below 1, or no CAM can show a model.
    """
    for name in names:
        explanation = studio.cost(name, runs=runs)
        yield NetworkCost(explanation, studio.sweep_cost([name], runs=study_runs(runs)))


def study_runs(runs: int) -> int:
    """Return how many studies are timed where `runs` explanations are."""
    return max(1, runs // RUNS_PER_STUDY)


def bench_table(costs: Sequence[NetworkCost]) -> str:
    """Return a line per network, and what the columns mean."""
    shape = "{:26} {:>5} {:>10} {:>12} {:>16} {:>10} {:>8}  {}"
    head = ("weights", "px", "forward", "ours", "pytorch-grad-cam", "torch-cam", "sweep")
    lines = [shape.format(*head, "CAM layer")]
    for each in costs:
        cost, other = each.explanation, each.explanation.torch_cam_per_forward
        cells = (
            cost.weights,
            cost.size_px,
            f"{1000 * cost.forward_s:.1f} ms",
            f"{cost.ours_per_forward:.2f} x",
            f"{cost.grad_cam_per_forward:.2f} x",
            "-" if other is None else f"{other:.2f} x",
            f"{each.study.per_forward:.2f} x",
            cost.layer,
        )
        lines.append(shape.format(*cells))
    lines.append(
        "Medians, also of the rounds' ratios. Ours is prediction, Grad-CAM and attention; all "
        "three methods in forward passes; sweep is a robustness study by that network alone, in "
        "its own batched forward passes."
    )
    return "\n".join(lines)


def study_line(cost: SweepCost) -> str:
    """Return what a study of several networks costs, as a sentence."""
    who = "1 network" if len(cost.models) == 1 else f"{len(cost.models)} networks together"
    return (
        f"Robustness study of {who}, {cost.occluders} occluders at {cost.amounts} amounts: "
        f"{cost.sweep_s:.2f} s, {cost.per_forward:.2f} x its bare forward passes."
    )
