"""The papers' ablations: which networks and losses each compares, and what it reports."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ferstudio.errors import UnknownNameError
from training.recipes import Recipe, get_recipe
from training.recipes.settings import Loss


@dataclass(frozen=True, slots=True)
class Member:
    """One row of an ablation table.

    Attributes:
        row: what the paper calls it.
        model: registry name of its network.
        reported: the paper's own accuracies in per cent, by the family's columns; None for none.
        loss: kind of its loss where the paper varies it; None keeps the recipe's.
    """

    row: str
    model: str
    reported: tuple[float | None, ...] = ()
    loss: str | None = None


@dataclass(frozen=True, slots=True)
class Family:
    """One paper's ablation.

    Attributes:
        source: paper and tables.
        columns: what the paper's own columns hold.
        members: rows in the paper's order.
        note: what a reader of the paper's figures has to know.
    """

    source: str
    columns: tuple[str, ...]
    members: tuple[Member, ...]
    note: str = ""


_PLAIN, _JOINT = "cross_entropy", "joint"

FAMILIES: Mapping[str, Family] = MappingProxyType(
    {
        "csinet": Family(
            "Cheng & Kong 2024, Tables 4 and 2",
            ("RAF-DB", "FERPlus"),
            (
                Member("(a) ResNet50", "resnet50", (76.43, 79.31)),
                Member("(b) ARM", "csinet_arm", (84.29, 85.19)),
                Member("(c) CSFF", "csinet_csff", (83.84, 84.38)),
                Member("(d) LGFE", "csinet_lgfe", (86.74, 88.20)),
                Member("CSINet", "csinet", (89.67, 90.83)),
            ),
            "The last row's figures are those of Table 2.",
        ),
        "acsinet": Family(
            "Li, Zhu & Zhou 2022, Tables 3 and 4",
            ("RAF-DB", "AffectNet-7"),
            (
                Member("ResNet", "resnet18", (85.88, 63.82)),
                Member("CoResNet", "coresnet18", (86.29, 64.38)),
                Member("CoResNet_CA-a", "coresnet18_ca_a", (86.45, 65.16)),
                Member("CoResNet_CA-b", "coresnet18_ca_b", (86.52, 65.60)),
                Member("ACSI-Net", "acsinet", (86.86, 65.83)),
            ),
            "CoResNet's figures are those of Table 4; Table 3 prints ACSI-Net's in its place.",
        ),
        "psa_resnet50": Family(
            "Gu & Jin 2025, Tables 3 and 4",
            ("CK+ (Table 3)", "CK+ (Table 4)", "FER2013 (Table 4)"),
            (
                Member("Basic", "resnet50", (94.80, 94.80, 69.92), _PLAIN),
                Member("SE", "resnet50_se", (96.80, None, None), _PLAIN),
                Member("CBAM", "resnet50_cbam", (97.62, None, None), _PLAIN),
                Member("ECA", "resnet50_eca", (97.82, None, None), _PLAIN),
                Member("AFF", "resnet50_aff", (98.07, None, None), _PLAIN),
                Member("PSA", "psa_resnet50", (98.35, 96.32, 72.45), _PLAIN),
                Member("Basic + joint loss", "resnet50", (None, 95.43, 71.67), _JOINT),
                Member("PSA + joint loss", "psa_resnet50", (None, 98.35, 74.26), _JOINT),
            ),
            "Table 3 gives PSA what Table 4 gives PSA with the joint loss.",
        ),
        "agfer": Family(
            "Arabian et al. 2023, section 3.2 and Table 2",
            ("OULU-CASIA", "FACES"),
            (
                Member("AGFER", "agfer", (89.19, 46.50)),
                Member("Base", "vgg16", (19.76, 18.53)),
                Member("SEFER", "sefer", (88.73, 40.48)),
                Member("CBAMFER", "cbamfer", (89.77, 45.31)),
            ),
            "Means over five folds; FACES is seen in testing only.",
        ),
        "vgg16_gcca": Family(
            "Chen & Chen, Table 1",
            ("FER2013", "CK+"),
            (
                Member("1 VGG16", "vgg16", (69.79, 92.14), _PLAIN),
                Member("2 multi-feature fusion", "vgg16_gcca_fusion", (71.53, 93.01), _PLAIN),
                Member("3 + GCCA", "vgg16_gcca_nopd", (73.85, 96.72), _PLAIN),
                Member("4 + partial decoder", "vgg16_gcca_nora", (73.84, 96.72), _PLAIN),
                Member("5 + reverse attention", "vgg16_gcca", (73.97, 97.94), _PLAIN),
                Member("6 + joint loss", "vgg16_gcca", (74.08, 98.66), _JOINT),
            ),
            "Means of ten runs.",
        ),
    }
)
"""The papers' ablations by the registry name of the network that each paper ends with."""


def family_recipes(name: str, tag: str) -> list[Recipe]:
    """Return a recipe for each member of a family, in order, with the settings of `name.tag`.

    Raises:
        UnknownNameError: if there is no such family or recipe.
    """
    if name not in FAMILIES:
        raise UnknownNameError("ablation", name, list(FAMILIES))
    base = get_recipe(f"{name}.{tag}")
    recipes = []
    for member in FAMILIES[name].members:
        suffix = f"_{_JOINT}" if member.loss == _JOINT else ""
        loss = base.loss if member.loss in {None, base.loss.kind} else Loss(kind=str(member.loss))
        recipes.append(
            base.changed(name=f"{member.model}.{tag}{suffix}", model=member.model, loss=loss)
        )
    return recipes
