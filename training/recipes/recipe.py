"""What a training recipe is, and the registry that names them all."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

from ferstudio.errors import UnknownNameError, UsageError
from ferstudio.labels import LABEL_SETS, label_set
from ferstudio.registry import Registry
from ferstudio.types import InputSpec, OptionValue
from training.recipes.checks import check_number, check_positive, check_whole
from training.recipes.schedules import Cosine, Plateau, Schedule
from training.recipes.settings import Augmentation, Guidance, Loss, Mixing, Optimizer
from training.recipes.stored import recipe_values

if TYPE_CHECKING:
    from ferstudio.models import ModelEntry

FER2013_INPUT = InputSpec(
    size=112,
    mean=(0.508, 0.508, 0.508),
    std=(0.255, 0.255, 0.255),
    margin_ratio=0.0,
    grayscale=True,
    detail_px=96,
)
"""Input of networks trained on FER2013's 48-px grey faces; mean and std of its training pixels.

Reduced to 96 px by a triangle filter, photographs have the fine contrast of the training faces:
their mean gradient over their contrast is 0.159, that of aligned training crops 0.157 (0.134 when
reduced to 48 px, 0.167 when not reduced).
"""

BOTH = "ferplus+fer2013"
"""FER+'s and FER2013's labels in one network: 8 + 7 logits, judged by FER+'s alone."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides what a training run does, beside the data and the machine.

    Attributes:
        name: key in the registry, `model.tag`.
        model: registry name of the network.
        options: the network builder's options, each with its value, as in `ModelEntry`.
        labels: label set that is learned, or `BOTH`.
        targets: "votes" for FER+'s votes as a distribution, "majority" for the most voted emotion
            alone; FER2013's labels are the same in both.
        drop_single_votes: whether emotions with one vote only count as slips (as in FER+'s own
            training code); of "votes" only.
        votes_power: exponent of the votes' shares before they are scaled to sum to 1: above 1 the
            most voted emotions count more; of "votes" only.
        teacher: file of `training.teachers` whose answers are mixed into the targets; empty for
            none.
        teacher_weight: share of its answers in each target; the labels have the rest.
        teacher_temperature: what its log-probabilities are divided by; above 1 softens them.
        start_from: name of the weights that it begins with where they fit; empty for none. `train
            --start-from` sets it.
        oversampled: emotions whose faces are seen several times per epoch, each with how often.
        align: whether faces are brought to the common framing by their landmarks.
        input: the network's final preprocessing.
        sizes: (share of training from which on, input side in pixels), rising; smaller pictures
            first make early epochs cheap. The last side is `input.size`.
        epochs: passes over the training faces.
        batch_size: faces per step.
        augmentation: random changes of the faces.
        guidance: which faces are shown with all but brows, eyes and mouth darkened.
        mixing: which batches have their faces mixed in pairs.
        loss: what is minimised.
        optimizer: how a gradient becomes a step.
        schedule: how the learning rate changes.
        ema_decay: final decay per step of the averaged weights, which are the ones shipped; None
            ships the weights themselves.
        averaged_every: steps between two updates of the averaged weights; the decay per step stays.
        judged_every: epochs between two judgements on the validation faces; the last is judged.
        attention_spread: standard deviation, over faces and places, of what each sigmoid of an
            attention gate gets in the beginning (`training.engine.gates`); 0 leaves the layers as
            torch draws them.
        seed: of initial weights, order and augmentation.
    """

    name: str
    model: str
    options: tuple[tuple[str, OptionValue], ...] = ()
    labels: str = "ferplus"
    targets: str = "votes"
    drop_single_votes: bool = True
    votes_power: float = 1.0
    teacher: str = ""
    teacher_weight: float = 0.5
    teacher_temperature: float = 1.0
    start_from: str = ""
    oversampled: tuple[tuple[str, int], ...] = ()
    align: bool = True
    input: InputSpec = FER2013_INPUT
    sizes: tuple[tuple[float, int], ...] = ((0.0, FER2013_INPUT.size),)
    epochs: int = 100
    batch_size: int = 64
    augmentation: Augmentation = field(default_factory=Augmentation)
    guidance: Guidance = field(default_factory=Guidance)
    mixing: Mixing = field(default_factory=Mixing)
    loss: Loss = field(default_factory=Loss)
    optimizer: Optimizer = field(default_factory=Optimizer)
    schedule: Schedule = field(default_factory=Cosine)
    ema_decay: float | None = 0.999
    averaged_every: int = 1
    judged_every: int = 1
    attention_spread: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse settings that contradict one another."""
        self._check_numbers()
        if self.sizes[0][0] != 0 or self.sizes[-1][1] != self.input.size:
            raise UsageError(
                f"Recipe {self.name}: sizes must begin at share 0 and end with the input size "
                f"{self.input.size}, not {self.sizes}."
            )
        if self.labels not in {*LABEL_SETS, BOTH}:
            raise UnknownNameError("label set", self.labels, [*sorted(LABEL_SETS), BOTH])
        if self.labels == BOTH and self.loss.kind != "cross_entropy":
            raise UsageError(
                f"Recipe {self.name}: two label sets are learned by cross_entropy, not by the "
                f"{self.loss.kind} loss."
            )
        if self.targets not in {"votes", "majority"}:
            raise UsageError(f"A recipe's targets are votes or majority, not {self.targets!r}.")
        emotions = {name for name, _ in self.oversampled} | set(self.augmentation.emotions)
        known = [name for labels in self.label_sets for name in label_set(labels)]
        for emotion in sorted(emotions - set(known)):
            raise UnknownNameError("emotion", emotion, list(dict.fromkeys(known)))

    def _check_numbers(self) -> None:
        check_whole(1, epochs=self.epochs, averaged_every=self.averaged_every)
        check_whole(1, judged_every=self.judged_every)
        check_whole(2, batch_size=self.batch_size)
        check_whole(0, seed=self.seed)
        check_whole(1, **{f"oversampled {name}": count for name, count in self.oversampled})
        check_positive(votes_power=self.votes_power, teacher_temperature=self.teacher_temperature)
        check_number(0, 1, teacher_weight=self.teacher_weight)
        check_number(0, math.inf, attention_spread=self.attention_spread)
        if self.ema_decay is not None:
            check_number(0, 1, ema_decay=self.ema_decay)
            if self.ema_decay == 1:
                raise UsageError("An ema_decay lies in [0, 1): of 1 the average never moves.")
        if self.judged_every > 1 and isinstance(self.schedule, Plateau):
            raise UsageError("A plateau needs every epoch judged: set judged_every to 1.")

    @property
    def entry(self) -> "ModelEntry":
        """Registry entry of the network, in the form of the recipe's options.

        Raises:
            UnknownNameError: if there is no such network, or it has no such option.
            UsageError: if an option's value is of a wrong type.
        """
        from ferstudio.models import model_entry  # to name recipes loads no network

        return model_entry(self.model, dict(self.options))

    @property
    def label_sets(self) -> tuple[str, ...]:
        """Names of the label sets that are learned, in the order of the logits."""
        return tuple(self.labels.split("+"))

    @property
    def label_counts(self) -> tuple[int, ...]:
        """Number of logits of each of the label sets; their sum is the network's."""
        return tuple(len(label_set(labels)) for labels in self.label_sets)

    def size_at(self, progress: float) -> int:
        """Return the input side in pixels at `progress` in [0, 1] of the training."""
        return [size for start, size in self.sizes if start <= progress][-1]

    def to_json(self) -> dict[str, Any]:
        """Return the recipe as JSON values."""
        return asdict(self)

    @staticmethod
    def from_json(raw: dict[str, Any]) -> "Recipe":
        """Return the recipe that `to_json` described; later settings have their defaults."""
        return Recipe(**recipe_values(raw))

    def changed(self, **settings: Any) -> "Recipe":
        """Return a copy with some settings changed."""
        known = {item.name for item in fields(self)}
        for name in settings:
            if name not in known:
                raise UnknownNameError("recipe setting", name, sorted(known))
        return replace(self, **settings)

    def with_settings(self, settings: Mapping[str, Any]) -> "Recipe":
        """Return the recipe with some settings changed, each named by its path in `to_json`.

        Args:
            settings: JSON values by path, as {"augmentation.occlusion.share": 0.5}.

        Raises:
            UnknownNameError: if a path leads nowhere; the message lists what there is.
            UsageError: if a value is of a wrong kind.
        """
        raw = self.to_json()
        for path, value in settings.items():
            *parents, name = path.split(".")
            part = raw
            for parent in parents:
                part = part[parent] if isinstance(part.get(parent), dict) else {}
            if name not in part:
                raise UnknownNameError("recipe setting", path, sorted(part or raw))
            part[name] = value
        try:
            return Recipe.from_json(raw)
        except (TypeError, ValueError, AttributeError, KeyError) as error:
            given = ", ".join(f"{path}={json.dumps(value)}" for path, value in settings.items())
            raise UsageError(
                f"{given} doesn't fit the recipe ({error}); a part of another kind is given whole, "
                'as schedule={"kind": "constant"}.'
            ) from None

    def with_batch_size(self, batch_size: int) -> "Recipe":
        """Return the recipe for another number of faces per step.

        SGD's learning rate grows with the batch (Goyal et al., "Accurate, Large Minibatch SGD",
        2017), and the averaged weights span as many faces as before. Adam's rate stays.
        """
        check_whole(2, batch_size=batch_size)
        factor, optimizer, decay = batch_size / self.batch_size, self.optimizer, self.ema_decay
        if optimizer.kind == "sgd":
            optimizer = replace(optimizer, lr=optimizer.lr * factor)
        if decay is not None:
            decay = decay**factor
        return self.changed(batch_size=batch_size, optimizer=optimizer, ema_decay=decay)

    def with_learning_rate(self, lr: float) -> "Recipe":
        """Return the recipe with another highest learning rate."""
        return self.changed(optimizer=replace(self.optimizer, lr=lr))

    def with_sizes(self, sizes: tuple[tuple[float, int], ...]) -> "Recipe":
        """Return the recipe for other input sides; the last one is also what is shipped."""
        return self.changed(sizes=sizes, input=replace(self.input, size=sizes[-1][1]))


_recipes: Registry[Recipe] = Registry("recipe", alphabetical=True)


def register_recipe(recipe: Recipe) -> Recipe:
    """Register `recipe` under its name and return it.

    Raises:
        ValueError: if the name is taken.
    """
    return _recipes.add(recipe.name, recipe)


def list_recipes() -> list[str]:
    """Return the names of all recipes, sorted."""
    return _recipes.names()


def get_recipe(name: str) -> Recipe:
    """Return the recipe called `name`.

    Raises:
        UnknownNameError: if there is none; the message lists the known names.
    """
    return _recipes[name]
