"""The registry of networks: `@register_model` on a builder, one frozen entry per name."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from types import MappingProxyType

from torch import nn

from ferstudio.errors import UnknownNameError, UsageError
from ferstudio.registry import Registry
from ferstudio.types import OptionValue

ModelBuilder = Callable[..., nn.Module]

Options = Mapping[str, OptionValue]
"""What a builder is given beside the number of classes, by the name of its keyword."""

AS_REGISTERED: Options = MappingProxyType({})
"""No option: the network as it is registered."""


@dataclass(frozen=True, slots=True)
class Head:
    """How a network ends.

    Attributes:
        classifier: qualified name of the linear layer, with a bias, whose output is the logits.
        pools: the CAM layer whose global average is all that the classifier gets; None where it
            gets something else.
        separable: whether nothing but the classifier depends on the number of classes, so that a
            network of some of the classes can be cut out of a trained one.
        forms: the head with an option of the builder, by the option and its value; where two
            options are given the later one counts.
    """

    classifier: str
    pools: str | None = None
    separable: bool = True
    forms: Mapping[str, Mapping[OptionValue, "Head"]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """A network that can be built by name.

    Attributes:
        name: key in the registry, the builder's function name.
        build: `build(num_classes=K)` returns the untrained network; input (N, 3, H, W), output
            logits (N, K). Its keyword-only parameters are the network's options.
        title: the name people read.
        summary: what is special about it, in a few words.
        paper: where it was published.
        cam_layers: modules whose (N, C, H, W) output a CAM can show, from shallow to deep, each by
            its qualified name with its stride, the input pixels per cell of its map.
        feature_layer: qualified name of the module whose output, flattened, is the feature vector.
        head: how it ends.
        guidance_alpha: weight of everything but brows, eyes and mouth where the paper trains the
            network on guided pictures (see `ferstudio.guidance`), None where it doesn't.
        opened: `opened(content)` returns the network in the content of a file, with the builder's
            options for keywords, where it is a black box that comes as one; else None.
    """

    name: str
    build: ModelBuilder
    title: str
    summary: str
    paper: str
    cam_layers: Mapping[str, int]
    feature_layer: str
    head: Head
    guidance_alpha: float | None = None
    opened: ModelBuilder | None = None

    def __post_init__(self) -> None:
        """Refuse a head that pools what no CAM can show."""
        if self.head.pools not in {None, *self.cam_layers}:
            raise ValueError(
                f"{self.name} pools {self.head.pools!r}, which is none of its CAM layers"
            )

    @property
    def options(self) -> dict[str, OptionValue]:
        """The builder's options, each with the value it has unless another is asked for."""
        parameters = inspect.signature(self.build).parameters.values()
        return {each.name: each.default for each in parameters if each.kind is each.KEYWORD_ONLY}

    def with_options(self, options: Options) -> "ModelEntry":
        """Return the entry of the network in the form that `options` give it.

        Raises:
            UnknownNameError: if the builder has no such option.
            UsageError: if a value is of another type than the one it has unless asked for.
        """
        known, head = self.options, self.head
        for name, value in options.items():
            if name not in known:
                raise UnknownNameError(f"option of {self.name}", name, sorted(known))
            usual = known[name]
            if type(value) is not type(usual):
                raise UsageError(
                    f"The option {name} of {self.name} is a value like {usual!r}, not {value!r}."
                )
        for name, forms in self.head.forms.items():
            head = forms.get({**known, **options}[name], head)
        if not options:
            return self
        opened = None if self.opened is None else partial(self.opened, **options)
        return replace(self, build=partial(self.build, **options), head=head, opened=opened)


_entries: Registry[ModelEntry] = Registry("model", alphabetical=True)
_unlisted: Registry[ModelEntry] = Registry("model")


def register_model(
    *,
    title: str,
    summary: str,
    paper: str,
    cam_layers: Mapping[str, int],
    feature_layer: str,
    head: Head,
    guidance_alpha: float | None = None,
) -> Callable[[ModelBuilder], ModelBuilder]:
    """Register the decorated builder under its function name; the rest is as in `ModelEntry`.

    Raises:
        ValueError: if the name is taken.
    """

    def register(build: ModelBuilder) -> ModelBuilder:
        register_entry(
            ModelEntry(
                name=build.__name__,
                build=build,
                title=title,
                summary=summary,
                paper=paper,
                cam_layers=cam_layers,
                feature_layer=feature_layer,
                head=head,
                guidance_alpha=guidance_alpha,
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
    own, other = (_entries, _unlisted) if listed else (_unlisted, _entries)
    if entry.name in other:
        raise ValueError(f"{other.kind} {entry.name!r} is registered already")
    return own.add(entry.name, entry)


def list_models() -> list[str]:
    """Return the names of all networks that can be built, sorted."""
    return _entries.names()


def model_entry(name: str, options: Options = AS_REGISTERED) -> ModelEntry:
    """Return the entry called `name`, in the form that `options` give its network.

    Raises:
        UnknownNameError: if there is none, or it has no such option; the message lists the known.
        UsageError: if an option's value is of a wrong type.
    """
    from ferstudio.models.foreign import foreign_entry, is_foreign

    if is_foreign(name):
        return foreign_entry(name).with_options(options)
    entries = _unlisted if name in _unlisted else _entries
    return entries[name].with_options(options)


def build_model(name: str, num_classes: int, options: Options = AS_REGISTERED) -> nn.Module:
    """Return the untrained network called `name` with `num_classes` outputs.

    Raises:
        UnknownNameError: if there is none of that name, or it has no such option.
        UsageError: if an option has a value that it can't have.
    """
    return model_entry(name, options).build(num_classes=num_classes)
