"""What a training recipe is, and the registry that names them all."""

from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from ferstudio.errors import UnknownNameError, UsageError
from ferstudio.types import InputSpec

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


@dataclass(frozen=True, slots=True)
class Augmentation:
    """Random changes of training faces, drawn anew for each face and epoch.

    Attributes:
        flip_share: share of faces that are mirrored.
        rotation_deg: largest rotation to either side, in degrees.
        scale: smallest and largest zoom of the face.
        shift_share: largest shift to either side, as a share of the side.
        contrast: largest relative change of contrast to either side.
        brightness: largest change of brightness to either side, in [0, 1] units.
        gamma: largest relative change of the exponent to either side.
        occluded_share: share of faces with an occluder on them.
        occluded_from: share of training before which no face is covered.
        occluders: registry names of the occluders, each with its relative frequency.
        occluder_amount: smallest and largest amount, in [0, 1].
    """

    flip_share: float = 0.5
    rotation_deg: float = 15.0
    scale: tuple[float, float] = (0.85, 1.2)
    shift_share: float = 0.07
    contrast: float = 0.3
    brightness: float = 0.15
    gamma: float = 0.25
    occluded_share: float = 0.0
    occluded_from: float = 0.0
    occluders: tuple[tuple[str, float], ...] = (
        ("random", 4.0),
        ("upper", 1.0),
        ("middle", 1.0),
        ("lower", 1.0),
        ("sunglasses", 1.5),
        ("surgical-mask", 1.5),
    )
    occluder_amount: tuple[float, float] = (0.2, 1.0)


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides what a training run does, beside the data and the machine.

    Attributes:
        name: key in the registry, `model.tag`.
        model: registry name of the network.
        labels: label set that is learned.
        input: the network's final preprocessing.
        sizes: (share of training from which on, input side in pixels), rising; smaller pictures
            first make early epochs cheap. The last side is `input.size`.
        epochs: passes over the training faces.
        batch_size: faces per step.
        lr: peak learning rate.
        momentum: of SGD, in Nesterov's form.
        weight_decay: on matrices and kernels only.
        warmup_share: share of training in which the learning rate rises to `lr`; then it falls
            along a cosine to `final_lr_ratio`.
        final_lr_ratio: last learning rate as a share of `lr`.
        ema_decay: decay per step of the averaged weights, which are the ones shipped.
        drop_single_votes: whether emotions with one vote only count as slips (as in FER+'s own
            training code).
        align: whether faces are brought to the common framing by their landmarks.
        augmentation: random changes of the faces.
        seed: of initial weights, order and augmentation.
    """

    name: str
    model: str
    labels: str = "ferplus"
    input: InputSpec = FER2013_INPUT
    sizes: tuple[tuple[float, int], ...] = ((0.0, FER2013_INPUT.size),)
    epochs: int = 100
    batch_size: int = 64
    lr: float = 0.05
    momentum: float = 0.9
    weight_decay: float = 5e-4
    warmup_share: float = 0.08
    final_lr_ratio: float = 0.002
    ema_decay: float = 0.999
    drop_single_votes: bool = True
    align: bool = True
    augmentation: Augmentation = field(default_factory=Augmentation)
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse settings that contradict one another."""
        if self.epochs < 1 or self.batch_size < 1:
            raise UsageError("A recipe needs at least one epoch and one face per batch.")
        if self.sizes[0][0] != 0 or self.sizes[-1][1] != self.input.size:
            raise UsageError(
                f"Recipe {self.name}: sizes must begin at share 0 and end with the input size "
                f"{self.input.size}, not {self.sizes}."
            )

    def size_at(self, progress: float) -> int:
        """Return the input side in pixels at `progress` in [0, 1] of the training."""
        return [size for start, size in self.sizes if start <= progress][-1]

    def to_json(self) -> dict[str, Any]:
        """Return the recipe as JSON values."""
        return asdict(self)

    @staticmethod
    def from_json(raw: dict[str, Any]) -> "Recipe":
        """Return the recipe that `to_json` described."""
        values = {name: _tuples(value) for name, value in raw.items()}
        return Recipe(
            **{
                **values,
                "input": InputSpec(**{k: _tuples(v) for k, v in raw["input"].items()}),
                "augmentation": Augmentation(
                    **{k: _tuples(v) for k, v in raw["augmentation"].items()}
                ),
            }
        )

    def changed(self, **settings: Any) -> "Recipe":
        """Return a copy with some settings changed."""
        known = {item.name for item in fields(self)}
        for name in settings:
            if name not in known:
                raise UnknownNameError("recipe setting", name, sorted(known))
        return replace(self, **settings)


_recipes: dict[str, Recipe] = {}


def register_recipe(recipe: Recipe) -> Recipe:
    """Register `recipe` under its name and return it.

    Raises:
        ValueError: if the name is taken.
    """
    if recipe.name in _recipes:
        raise ValueError(f"a recipe named {recipe.name!r} is registered already")
    _recipes[recipe.name] = recipe
    return recipe


def list_recipes() -> list[str]:
    """Return the names of all recipes, sorted."""
    return sorted(_recipes)


def get_recipe(name: str) -> Recipe:
    """Return the recipe called `name`.

    Raises:
        UnknownNameError: if there is none; the message lists the known names.
    """
    if name not in _recipes:
        raise UnknownNameError("recipe", name, list_recipes())
    return _recipes[name]


def _tuples(value: Any) -> Any:
    return tuple(_tuples(item) for item in value) if isinstance(value, list | tuple) else value
