"""The papers' ablations: which networks and losses each compares."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ferstudio.errors import UnknownNameError
from ferstudio.reported import ABLATIONS, ReportedAblation
from training.recipes import Recipe, get_recipe, list_recipes
from training.recipes.settings import Loss


@dataclass(frozen=True, slots=True)
class Member:
    """One row of an ablation table.

    Attributes:
        row: what the paper calls it.
        model: registry name of its network.
        loss: kind of its loss where the paper varies it; None keeps the recipe's.
    """

    row: str
    model: str
    loss: str | None = None


@dataclass(frozen=True, slots=True)
class Family:
    """One paper's ablation.

    Attributes:
        reported: what the paper reports, by the members' rows.
        members: rows in the paper's order.
    """

    reported: ReportedAblation
    members: tuple[Member, ...]

    def figures(self, member: Member) -> dict[str, float]:
        """Return the paper's own accuracies of a member in per cent, by the paper's columns."""
        pairs = zip(self.reported.columns, self.reported.rows[member.row], strict=True)
        return {column: value for column, value in pairs if value is not None}


_PLAIN, _JOINT = "cross_entropy", "joint"

FAMILIES: Mapping[str, Family] = MappingProxyType(
    {
        "csinet": Family(
            ABLATIONS["csinet"],
            (
                Member("(a) ResNet50", "resnet50"),
                Member("(b) ARM", "csinet_arm"),
                Member("(c) CSFF", "csinet_csff"),
                Member("(d) LGFE", "csinet_lgfe"),
                Member("CSINet", "csinet"),
            ),
        ),
        "acsinet": Family(
            ABLATIONS["acsinet"],
            (
                Member("ResNet", "resnet18"),
                Member("CoResNet", "coresnet18"),
                Member("CoResNet_CA-a", "coresnet18_ca_a"),
                Member("CoResNet_CA-b", "coresnet18_ca_b"),
                Member("ACSI-Net", "acsinet"),
            ),
        ),
        "psa_resnet50": Family(
            ABLATIONS["psa_resnet50"],
            (
                Member("Basic", "resnet50", _PLAIN),
                Member("SE", "resnet50_se", _PLAIN),
                Member("CBAM", "resnet50_cbam", _PLAIN),
                Member("ECA", "resnet50_eca", _PLAIN),
                Member("AFF", "resnet50_aff", _PLAIN),
                Member("PSA", "psa_resnet50", _PLAIN),
                Member("Basic + joint loss", "resnet50", _JOINT),
                Member("PSA + joint loss", "psa_resnet50", _JOINT),
            ),
        ),
        "agfer": Family(
            ABLATIONS["agfer"],
            (
                Member("AGFER", "agfer"),
                Member("Base", "vgg16_nopool5"),
                Member("SEFER", "sefer"),
                Member("CBAMFER", "cbamfer"),
            ),
        ),
        "agfer_stride32": Family(
            ABLATIONS["agfer_stride32"],
            (Member("stride 32", "agfer_stride32"), Member("stride 16", "agfer")),
        ),
        "vgg16_gcca": Family(
            ABLATIONS["vgg16_gcca"],
            (
                Member("1 VGG16", "vgg16", _PLAIN),
                Member("2 multi-feature fusion", "vgg16_gcca_fusion", _PLAIN),
                Member("3 + GCCA", "vgg16_gcca_nopd", _PLAIN),
                Member("4 + partial decoder", "vgg16_gcca_nora", _PLAIN),
                Member("5 + reverse attention", "vgg16_gcca", _PLAIN),
                Member("6 + joint loss", "vgg16_gcca", _JOINT),
            ),
        ),
    }
)
"""The papers' ablations by the registry name of the network that each paper ends with."""


def family_recipes(name: str, tag: str) -> list[Recipe]:
    """Return a recipe for each member of a family, in order, with the settings of `name.tag`.

    A recipe is called after its network and the tag only where it is the registered one of that
    name: others say the loss that they differ by, or the family whose settings they have.

    Raises:
        UnknownNameError: if there is no such family or recipe.
    """
    if name not in FAMILIES:
        raise UnknownNameError("ablation", name, list(FAMILIES))
    base = get_recipe(f"{name}.{tag}")
    recipes = []
    for member in FAMILIES[name].members:
        loss = base.loss if member.loss in {None, base.loss.kind} else Loss(kind=str(member.loss))
        recipe = base.changed(name=f"{member.model}.{tag}", model=member.model, loss=loss)
        recipes.append(recipe.changed(name=_name(recipe, name, joint=member.loss == _JOINT)))
    return recipes


def _name(recipe: Recipe, family: str, *, joint: bool) -> str:
    """Return what a member's recipe is called; `recipe` is called after network and tag."""
    known = get_recipe(recipe.name) if recipe.name in list_recipes() else None
    if known == recipe:
        return recipe.name
    if joint or (known is not None and known.loss.kind != recipe.loss.kind):
        return f"{recipe.name}_{recipe.loss.kind}"
    return f"{recipe.name}_as_{family}"
