"""The registry of networks: `@register_model` on a builder, one frozen entry per name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from torch import nn

from ferstudio.errors import UnknownNameError

ModelBuilder = Callable[..., nn.Module]


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """A network that can be built by name.

    Attributes:
        name: key in the registry, the builder's function name.
        build: `build(num_classes=K)` returns the untrained network; input (N, 3, H, W), output
            logits (N, K).
        title: the name people read.
        summary: what is special about it, in a few words.
        paper: where it was published.
        cam_layers: modules whose (N, C, H, W) output a CAM can show, from shallow to deep, each by
            its qualified name with its stride, the input pixels per cell of its map.
        feature_layer: qualified name of the module whose output, flattened, is the feature vector.
        guidance_alpha: weight of everything but brows, eyes and mouth where the paper trains the
            network on guided pictures (see `ferstudio.guidance`), None where it doesn't.
    """

    name: str
    build: ModelBuilder
    title: str
    summary: str
    paper: str
    cam_layers: Mapping[str, int]
    feature_layer: str
    guidance_alpha: float | None = None


_entries: dict[str, ModelEntry] = {}
_unlisted: dict[str, ModelEntry] = {}


def register_model(
    *,
    title: str,
    summary: str,
    paper: str,
    cam_layers: Mapping[str, int],
    feature_layer: str,
    guidance_alpha: float | None = None,
) -> Callable[[ModelBuilder], ModelBuilder]:
    """Register the decorated builder under its function name.

    Raises:
        ValueError: if the name is taken.
    """

    def register(build: ModelBuilder) -> ModelBuilder:
        register_entry(
            ModelEntry(
                build.__name__,
                build,
                title,
                summary,
                paper,
                cam_layers,
                feature_layer,
                guidance_alpha,
            )
        )
        return build

    return register


def register_entry(entry: ModelEntry, *, listed: bool = True) -> ModelEntry:
    """Register `entry` under its name and return it.

    Args:
        entry: what is registered.
        listed: whether it can be built by name and trained; an ensemble, which is made of trained
            networks, can't.

    Raises:
        ValueError: if the name is taken.
    """
    if entry.name in _entries | _unlisted:
        raise ValueError(f"a model named {entry.name!r} is registered already")
    (_entries if listed else _unlisted)[entry.name] = entry
    return entry


def list_models() -> list[str]:
    """Return the names of all networks that can be built, sorted."""
    return sorted(_entries)


def model_entry(name: str) -> ModelEntry:
    """Return the entry called `name`.

    Raises:
        UnknownNameError: if there is none; the message lists the known names.
    """
    found = _entries.get(name) or _unlisted.get(name)
    if found is None:
        raise UnknownNameError("model", name, list_models())
    return found


def build_model(name: str, num_classes: int) -> nn.Module:
    """Return the untrained network called `name` with `num_classes` outputs.

    Raises:
        UnknownNameError: if there is none of that name.
    """
    return model_entry(name).build(num_classes=num_classes)
