"""The five papers as views: their figures and tables, each with what stands for it here.

`docs/papers.md` is this list as a table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ferstudio.reported import PAPERS
from ferstudio.ui.tabs.papers import tables, words
from ferstudio.ui.tabs.papers.tables import Here

NETWORK = "network"
"""Exhibits of this picture are drawn together, as the view's first card."""


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One figure or table of a paper, or several that belong together.

    Attributes:
        places: as the paper numbers them, "Table 3".
        title: what they show.
        printed: which of `PAPERS[...].tables` prints its numbers; "" where none does.
        here: makes what was measured here; None where a picture stands for it, or nothing.
        picture: name of the picture in `figures.PICTURES`; "" for none.
        note: what a reader has to know; why nothing stands there, where nothing does.
    """

    places: tuple[str, ...]
    title: str
    printed: str = ""
    here: Here | None = None
    picture: str = ""
    note: str = ""

    @property
    def shown(self) -> bool:
        """Whether the view shows something for it."""
        return self.here is not None or bool(self.picture)

    @property
    def anchor(self) -> str:
        """Return the id of its card, within its paper."""
        return self.places[0].lower().replace(" ", "-").replace(".", "")


@dataclass(frozen=True, slots=True)
class View:
    """One paper.

    Attributes:
        network: registry name of the network it ends with.
        title: what its button says.
        modules: what its equations are, each with the file that follows them.
        exhibits: its figures and tables in order.
    """

    network: str
    title: str
    modules: tuple[tuple[str, str, str], ...]
    exhibits: tuple[Exhibit, ...]


_ATTENTION = "ferstudio/models/attention"
_REQUEST = "can only be had on request, so nothing of it is here"

CSINET = View(
    "csinet",
    "1 · CSINet",
    (
        ("Eq. 1", "basic feature extraction", "ferstudio/models/csinet.py"),
        ("Eq. 2, Algorithm 1", "attention residual module (ARM)", "ferstudio/models/csinet.py"),
        ("Eq. 2", "CBAM", f"{_ATTENTION}/cbam.py"),
        ("Eq. 3", "channel-spatial fusion (CSFF)", f"{_ATTENTION}/csff.py"),
        ("Eqs. 4–8, Algorithm 2", "local global enhancement (LGFE)", f"{_ATTENTION}/lgfe.py"),
    ),
    (
        Exhibit(("Fig. 1", "Fig. 2", "Fig. 3", "Fig. 4", "Fig. 5"), "The network", picture=NETWORK),
        Exhibit(("Table 1",), "Settings of training", "Table 1", tables.settings("csinet")),
        Exhibit(
            ("Table 2",),
            "Accuracy beside other networks",
            "Table 2",
            tables.accuracies(
                {
                    "ResNet50 (baseline)": ("resnet50", "ferplus"),
                    "ResNet-18": ("resnet18", "ferplus"),
                    "CSINet": ("csinet", "ferplus"),
                }
            ),
        ),
        Exhibit(("Table 3",), "Occluded and turned faces", "Table 3", tables.lists),
        Exhibit(("Table 4",), "Ablation", "Table 4", tables.ablation("csinet")),
        Exhibit(
            ("Fig. 6",),
            "Occluded samples",
            picture="covered",
            note=words.POSE_NOTE,
        ),
        Exhibit(("Fig. 7",), "Heatmaps of eight emotions", picture="heat"),
        Exhibit(("Fig. 8",), "Confusion", here=tables.confusion("csinet", "ferplus")),
        Exhibit(("Fig. 9",), "The four masks", picture="masks"),
        Exhibit(("Table 5",), "Accuracy under the masks", "Table 5", tables.masks),
        Exhibit(("Fig. 10", "Fig. 11"), "Photographs by emotion", "Fig. 11", tables.photographs),
    ),
)

ACSINET = View(
    "acsinet",
    "2 · ACSI-Net",
    (
        ("Eqs. 1, 2; Table 1", "contextual convolution", "ferstudio/models/acsinet.py"),
        ("Eqs. 3–8", "coordinate attention", f"{_ATTENTION}/coordinate.py"),
    ),
    (
        Exhibit(("Fig. 1", "Fig. 2", "Fig. 3"), "The network", picture=NETWORK),
        Exhibit(("Table 1",), "Contextual convolutions", "Table 1", tables.contextual_widths),
        Exhibit(
            ("Table 2",), "Faces per emotion", "Table 2", tables.class_counts("train", "valid")
        ),
        Exhibit(
            ("Table 3", "Table 4"),
            "Ablation, with costs",
            "Tables 3 and 4",
            tables.costs_and_accuracy,
        ),
        Exhibit(("Fig. 4",), "t-SNE of features", picture="space"),
        Exhibit(("Fig. 5",), "Attention on eight emotions", picture="attention"),
        Exhibit(
            ("Table 5",),
            "Accuracy beside other networks",
            "Table 5",
            tables.accuracies({"ACSI-Net": ("acsinet", "ferplus")}),
        ),
    ),
)

PSA = View(
    "psa_resnet50",
    "3 · PSA-ResNet",
    (
        ("Eqs. 1–4", "multi-scale branches (SPC)", f"{_ATTENTION}/psa.py"),
        ("Eqs. 5, 6", "SE weights", f"{_ATTENTION}/psa.py"),
        ("Eqs. 7, 8", "island loss and joint loss", "training/engine/losses.py"),
    ),
    (
        Exhibit(
            ("Fig. 1", "Fig. 2", "Fig. 3", "Fig. 4", "Fig. 5", "Fig. 6"),
            "The network",
            picture=NETWORK,
        ),
        Exhibit(
            ("Fig. 7",),
            "FER2013 before and after balancing",
            "Fig. 7",
            tables.distribution,
            note="The paper also deletes wrong labels and pictures without a face; it lists none.",
        ),
        Exhibit(("Fig. 8",), "CK+ before and after balancing", note=f"CK+ {_REQUEST}."),
        Exhibit(
            ("Table 2", "Table 1"),
            "Settings of training",
            "Table 2",
            tables.settings("psa_resnet50"),
        ),
        Exhibit(
            ("Fig. 9",),
            "Accuracy by epoch",
            here=tables.curves("psa_resnet50.fer2013", "psa_resnet50.both", "psa_resnet50.ferplus"),
        ),
        Exhibit(("Fig. 10",), "Accuracy by epoch on CK+", note=f"CK+ {_REQUEST}."),
        Exhibit(
            ("Table 3",),
            "Attention",
            "Table 3",
            tables.ablation(
                "psa_resnet50",
                {name: name for name in PAPERS["psa_resnet50"].tables["Table 3"].rows},
            ),
        ),
        Exhibit(
            ("Table 4",),
            "Joint loss",
            "Table 4",
            tables.ablation(
                "psa_resnet50",
                {
                    "Basic": "Basic",
                    "Basic + joint loss": "Basic + joint loss",
                    "Basic + PSA": "PSA",
                    "Basic + PSA + joint loss": "PSA + joint loss",
                },
            ),
        ),
        Exhibit(
            ("Fig. 11",),
            "Confusion, FER2013",
            "Fig. 11",
            tables.confusion("psa_resnet50", "fer2013"),
        ),
        Exhibit(("Fig. 12",), "Confusion, CK+", note=f"CK+ {_REQUEST}."),
        Exhibit(
            ("Table 5",),
            "Accuracy beside other networks",
            "Table 5",
            tables.accuracies(
                {
                    "ResNet-50": ("resnet50", "fer2013"),
                    "PSA-ResNet": ("psa_resnet50", "fer2013"),
                }
            ),
        ),
    ),
)

AGFER = View(
    "agfer",
    "4 · AGFER",
    (
        ("section 2.2.1", "squeeze and excitation", f"{_ATTENTION}/se.py"),
        ("section 2.2.2", "CBAM with unshared layers", f"{_ATTENTION}/cbam.py"),
        ("section 2.2.3", "AGFER", f"{_ATTENTION}/agfer.py"),
        ("Eq. 1", "guidance", "ferstudio/guidance.py"),
        ("Eq. 2", "class-weighted cross-entropy", "training/engine/losses.py"),
    ),
    (
        Exhibit(("Fig. 1", "Fig. 2", "Fig. 3", "Fig. 4"), "The network", picture=NETWORK),
        Exhibit(("Fig. 5",), "Stages of the guidance", picture="guidance"),
        Exhibit(
            ("Fig. 6",),
            "Pre-processing of a picture",
            note="A photograph in the sidebar shows it: found, aligned and cut, with its notes.",
        ),
        Exhibit(
            ("Table 1",),
            "Faces per emotion",
            "Table 1",
            tables.class_counts("train", "train_found", "weight"),
        ),
        Exhibit(
            ("Fig. 7",),
            "Five folds, by emotion",
            "Fig. 7",
            tables.folds("agfer.paper", "sefer.paper", "cbamfer.paper", "vgg16_nopool5.paper"),
            note="Base is trained without guidance here; in the ablation all are guided alike.",
        ),
        Exhibit(
            ("Fig. 8",),
            "Confusion of all folds",
            here=tables.summed_confusions("agfer.paper", "cbamfer.paper"),
        ),
        Exhibit(("Table 2", "Fig. 9"), "FACES, by age", "Table 2", note=f"FACES {_REQUEST}."),
        Exhibit(
            ("Table 3",),
            "Accuracy beside other networks",
            "Table 3",
            tables.accuracies({"AGFER": ("agfer", "ferplus"), "VGG16": ("vgg16", "ferplus")}),
        ),
        Exhibit(
            ("Table 4",),
            "Stride",
            "Table 4",
            tables.ablation("agfer_stride32"),
            note="Here of AGFER alone; the paper tries SEFER and CBAMFER, too.",
        ),
        Exhibit(("Section 4",), "Speed and perturbed pictures", "Section 4", tables.speed),
    ),
)

GCCA = View(
    "vgg16_gcca",
    "5 · Context framework",
    (
        ("Eqs. 1, 2", "GCCA", f"{_ATTENTION}/gcca.py"),
        ("section 2.4", "partial decoder", f"{_ATTENTION}/decoder.py"),
        ("Eqs. 3, 4", "reverse attention", f"{_ATTENTION}/reverse.py"),
        ("Eqs. 5–7", "islanding and joint loss", "training/engine/losses.py"),
        ("Eqs. 8, 9", "accuracy and stability", "training/experiments/stability.py"),
    ),
    (
        Exhibit(("Fig. 1", "Fig. 2", "Fig. 3", "Fig. 4"), "The network", picture=NETWORK),
        Exhibit(
            ("Fig. 5",),
            "Augmentation",
            picture="turns",
            note="Five angles and a mirror make ten pictures; the paper counts fifteen.",
        ),
        Exhibit(("Fig. 6",), "Search of λ and λ1", "Fig. 6", tables.search),
        Exhibit(("Table 1",), "Ablation and stability", "Table 1", tables.stability),
        Exhibit(("Fig. 7",), "Confusion, CK+", note=f"CK+ {_REQUEST}."),
        Exhibit(
            ("Fig. 8",), "Confusion, FER2013", "Fig. 8", tables.confusion("vgg16_gcca", "fer2013")
        ),
        Exhibit(
            ("Table 2",),
            "Accuracy beside other networks",
            "Table 2",
            tables.accuracies({"context framework": ("vgg16_gcca", "fer2013")}),
        ),
    ),
)

VIEWS: Mapping[str, View] = MappingProxyType(
    {view.network: view for view in (CSINET, ACSINET, PSA, AGFER, GCCA)}
)
"""The views by the registry name of the network that each paper ends with."""
