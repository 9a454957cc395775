"""The parts a recipe is made of: how the faces change, what is minimised, how the steps are taken.

Every part is data: frozen, comparable, and JSON by `dataclasses.asdict`. Where there are several
forms of a part, `kind` says which one it is.
"""

import math
from dataclasses import dataclass, field

from ferstudio.errors import UsageError
from ferstudio.guidance import ALPHA
from training.recipes.checks import check_number, check_positive, check_range


@dataclass(frozen=True, slots=True)
class Jitter:
    """Random similarity transforms about the centre of the crop, drawn from continuous ranges.

    Attributes:
        flip_share: share of faces that are mirrored.
        rotation_deg: largest rotation to either side, in degrees.
        scale: smallest and largest zoom of the face.
        shift_share: largest shift to either side, as a share of the side.
    """

    kind: str = field(default="jitter", init=False)
    flip_share: float = 0.5
    rotation_deg: float = 15.0
    scale: tuple[float, float] = (0.85, 1.2)
    shift_share: float = 0.07

    def __post_init__(self) -> None:
        """Refuse limits that no transform has."""
        check_number(0, 1, flip_share=self.flip_share)
        check_number(0, math.inf, rotation_deg=self.rotation_deg, shift_share=self.shift_share)
        check_range(0.01, 100, scale=self.scale)


@dataclass(frozen=True, slots=True)
class FiveCrops:
    """One of ten crops of a larger picture: its corners and its centre, mirrored or not.

    The central crop is the framing that every face is judged in.

    Attributes:
        picture_px: side of the larger picture.
        crop_px: side of the crops, in pixels of the larger picture.
    """

    kind: str = field(default="five_crops", init=False)
    picture_px: int = 256
    crop_px: int = 224

    @property
    def shift_share(self) -> float:
        """Way from the central crop to a corner's, along each axis, as a share of the crop."""
        return (self.picture_px - self.crop_px) / 2 / self.crop_px


@dataclass(frozen=True, slots=True)
class Turns:
    """One of a few rotations about the centre, mirrored or not.

    Attributes:
        angles_deg: the rotations, all equally likely.
        flip_share: share of faces that are mirrored.
    """

    kind: str = field(default="turns", init=False)
    angles_deg: tuple[float, ...] = (-10.0, -5.0, 0.0, 5.0, 10.0)
    flip_share: float = 0.5

    def __post_init__(self) -> None:
        """Refuse what is no share."""
        check_number(0, 1, flip_share=self.flip_share)


Geometry = Jitter | FiveCrops | Turns

STILL = Jitter(flip_share=0.0, rotation_deg=0.0, scale=(1.0, 1.0), shift_share=0.0)
"""Every face as it is aligned."""


@dataclass(frozen=True, slots=True)
class Light:
    """Random changes of brightness.

    Attributes:
        contrast: largest relative change of contrast to either side.
        brightness: largest change of brightness to either side, in [0, 1] units.
        gamma: largest relative change of the exponent to either side.
    """

    contrast: float = 0.3
    brightness: float = 0.15
    gamma: float = 0.25

    def __post_init__(self) -> None:
        """Refuse changes that are no numbers."""
        check_number(0, 1, contrast=self.contrast, brightness=self.brightness, gamma=self.gamma)


UNLIT = Light(contrast=0.0, brightness=0.0, gamma=0.0)
"""The light of the picture itself."""


@dataclass(frozen=True, slots=True)
class Detail:
    """Random changes of how sharp and how clean a picture is (`training.augment.detail`).

    Attributes:
        blur: largest standard deviation of the Gaussian that softens a picture, as a share of its
            side.
        sharpness: largest share of the fine detail that is added after that; 0 for none.
        noise: largest standard deviation of the noise that is added last, in [0, 1] units.
    """

    blur: float = 0.0
    sharpness: float = 0.0
    noise: float = 0.0

    def __post_init__(self) -> None:
        """Refuse negative limits."""
        check_number(0, math.inf, blur=self.blur, sharpness=self.sharpness, noise=self.noise)


AS_SHARP = Detail()
"""The detail of the picture itself."""


@dataclass(frozen=True, slots=True)
class Occlusion:
    """The studio's occluders on some of the faces.

    Attributes:
        share: share of faces with an occluder on them.
        begins: share of training before which no face is covered.
        occluders: registry names of the occluders, each with its relative frequency.
        amount: smallest and largest amount, in [0, 1].
    """

    share: float = 0.0
    begins: float = 0.0
    occluders: tuple[tuple[str, float], ...] = (
        ("random", 4.0),
        ("upper", 1.0),
        ("middle", 1.0),
        ("lower", 1.0),
        ("sunglasses", 1.5),
        ("surgical-mask", 1.5),
    )
    amount: tuple[float, float] = (0.2, 1.0)

    def __post_init__(self) -> None:
        """Refuse what is no share, no amount and no frequency."""
        check_number(0, 1, share=self.share, begins=self.begins)
        check_range(0, 1, amount=self.amount)
        for name, frequency in self.occluders:
            check_number(0, math.inf, **{f"The frequency of {name}": frequency})
        if self.share > 0 and not any(frequency for _, frequency in self.occluders):
            raise UsageError("Faces can't be covered without an occluder that occurs.")


@dataclass(frozen=True, slots=True)
class Augmentation:
    """Random changes of training faces, drawn anew for each face and epoch.

    Attributes:
        geometry: where the face comes to lie.
        light: how bright it is.
        detail: how sharp and how clean it is, cover and all.
        occlusion: what lies over it.
        emotions: the most probable emotions of the faces that are changed; empty for all.
    """

    geometry: Geometry = Jitter()
    light: Light = Light()
    detail: Detail = AS_SHARP
    occlusion: Occlusion = Occlusion()
    emotions: tuple[str, ...] = ()


AS_THEY_ARE = Augmentation(geometry=STILL, light=UNLIT)
"""No change at all."""


@dataclass(frozen=True, slots=True)
class Guidance:
    """Pictures darkened outside brows, eyes and mouth, in training only (`ferstudio.guidance`).

    Attributes:
        share: share of the faces that are guided.
        alpha: weight of what lies outside the mask.
    """

    share: float = 0.0
    alpha: float = ALPHA

    def __post_init__(self) -> None:
        """Refuse what is no share and a weight that darkens below black."""
        check_number(0, 1, share=self.share)
        check_number(0, math.inf, alpha=self.alpha)


@dataclass(frozen=True, slots=True)
class Mixing:
    """Batches whose faces are mixed in pairs, with their targets (`training.augment.mixing`).

    Attributes:
        share: share of the batches that are mixed.
        alpha: mixup's weights follow Beta(alpha, alpha): near 0 and 1 for a small one, even for 1.
        cutmix_share: share of the mixed batches in which a rectangle is pasted (cutmix) instead of
            the whole faces being blended (mixup). Its area is drawn evenly, as in its paper.
    """

    share: float = 0.0
    alpha: float = 0.2
    cutmix_share: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what is no share and what no distribution has."""
        check_number(0, 1, share=self.share, cutmix_share=self.cutmix_share)
        check_positive(alpha=self.alpha)


@dataclass(frozen=True, slots=True)
class Loss:
    """What is minimised (`training.engine.losses`).

    Attributes:
        kind: "cross_entropy", "class_weighted" or "joint".
        label_smoothing: share of each target that is spread evenly over all classes.
        island_weight: weight of the island loss in the joint one, its λ.
        separation: weight of the centres' cosines in the island loss, its λ1.
        centre_rate: rate α at which the class centres move.
    """

    kind: str = "cross_entropy"
    label_smoothing: float = 0.0
    island_weight: float = 0.005
    separation: float = 7.0
    centre_rate: float = 0.5

    def __post_init__(self) -> None:
        """Refuse unknown kinds and a joint loss without its island part."""
        if self.kind not in {"cross_entropy", "class_weighted", "joint"}:
            raise UsageError(f"There is no loss of kind {self.kind!r}.")
        check_number(0, 1, label_smoothing=self.label_smoothing, centre_rate=self.centre_rate)
        if self.label_smoothing == 1:
            raise UsageError("A label_smoothing lies in [0, 1): of 1 nothing is left to learn.")
        check_positive(island_weight=self.island_weight)  # without it, it is cross_entropy
        check_number(0, math.inf, separation=self.separation)


@dataclass(frozen=True, slots=True)
class Optimizer:
    """How a gradient becomes a step.

    Attributes:
        kind: "sgd" or "adam".
        lr: learning rate, which a schedule multiplies.
        momentum: of SGD; Adam keeps its usual averages (0.9 and 0.999).
        nesterov: whether SGD looks ahead.
        weight_decay: pull of the parameters towards zero.
        decay_all: whether biases and norms decay, too; otherwise only matrices and kernels do.
        attention_rate: how many times faster the layers that make attention weights learn, which
            then don't decay (`ferstudio.models.attention.gates`); 1 treats them as all others.
    """

    kind: str = "sgd"
    lr: float = 0.05
    momentum: float = 0.9
    nesterov: bool = True
    weight_decay: float = 5e-4
    decay_all: bool = False
    attention_rate: float = 1.0

    def __post_init__(self) -> None:
        """Refuse unknown kinds and rates that can't learn."""
        if self.kind not in {"sgd", "adam"}:
            raise UsageError(f"There is no optimizer of kind {self.kind!r}.")
        check_positive(lr=self.lr, attention_rate=self.attention_rate)
        check_number(0, 1, momentum=self.momentum)
        check_number(0, math.inf, weight_decay=self.weight_decay)
