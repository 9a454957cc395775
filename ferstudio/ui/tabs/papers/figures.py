"""Figures of the Papers tab that need the studio: each asks it, and gives HTML."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import cv2
import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from ferstudio.labels import DISPLAY_ORDER, EMOTION_COLOURS
from ferstudio.models import model_entry
from ferstudio.results import Results
from ferstudio.studio.montage import ATTENTION, HEAT, MontagePlan
from ferstudio.studio.results import MenuEntry
from ferstudio.studio.selection import Cover, Selection
from ferstudio.studio.studio import Studio
from ferstudio.studio.works import Watch
from ferstudio.ui.parts.figures import guidance_pictures
from ferstudio.ui.parts.montage import montage_grid
from ferstudio.ui.tabs.papers import words
from ferstudio.ui.tabs.papers.facts import Facts
from ferstudio.ui.templates import render

SIDE_PX = 160
"""Of the pictures, more than is shown, so that they stay sharp when enlarged."""

FACE = "happiness"
"""The sample face where a figure has one."""

COVERS = (
    "sunglasses", "surgical-mask", "hand", "hair", "scarf", "microphone", "vr-headset", "lower",
)  # fmt: skip
"""One on each sample face, for paper 1's Fig. 6."""

MASKS = ("upper", "middle", "lower", "random")

ANGLES_DEG = (-10, -5, 0, 5, 10)
"""Of paper 5's Fig. 5, each with its mirror image."""

HEAT_NETWORKS = ("resnet50", "resnet18", "acsinet", "csinet")
"""Rows of paper 1's Fig. 7, as far as they are trained; its other networks are not of the five."""

SPACE_NETWORKS = ("resnet18", "coresnet18", "acsinet")

Picture = Callable[[Studio, Watch], Markup]


def covered_samples(studio: Studio, watch: Watch) -> Markup:
    """Return each sample face under another cover."""
    titles = {entry.name: entry for entry in studio.occluders()}
    shown = []
    for emotion, name in zip(studio.samples(), COVERS, strict=False):
        crop = studio.cover(_selection(studio, emotion, name), watch=watch).crop
        shown.append((crop.image, f"{emotion}, {_title(titles, name)}"))
    return _strip(shown, per_row=8)


def masked_sample(studio: Studio, watch: Watch) -> Markup:
    """Return one sample face under the four masks of paper 1's Fig. 9."""
    shown = [(studio.sample(FACE).image, "no mask")]
    for name in MASKS:
        crop = studio.cover(_selection(studio, FACE, name, 1.0), watch=watch).crop
        shown.append((crop.image, name))
    return _strip(shown, per_row=5)


def heat_montage(studio: Studio, watch: Watch) -> Markup:
    """Return the trained networks' heatmaps of the eight sample faces."""
    return _montage(studio, HEAT_NETWORKS, HEAT, watch)


def attention_montage(studio: Studio, watch: Watch) -> Markup:
    """Return ACSI-Net's attention on the eight sample faces."""
    return _montage(studio, ("acsinet",), ATTENTION, watch)


def feature_maps(studio: Studio, watch: Watch) -> Markup:
    """Return the t-SNE maps of three networks' features beside one another."""
    known = {model.name for model in studio.models()}
    shown = list[dict[str, Any]]()
    for network in SPACE_NETWORKS:
        name = f"{network}.ferplus"  # the banks are of FER+'s validation faces
        if name not in known:
            title = f"{model_entry(network).title}: {words.NOT_TRAINED}"
            shown.append({"title": title, "dots": None})
            continue
        space = studio.feature_map(name, watch=watch)
        bank = space.bank
        places = _in_square(space.places)
        dots = [
            {
                "x": f"{x:.1f}",
                "y": f"{y:.1f}",
                "colour": EMOTION_COLOURS[bank.labels[label]],
            }
            for (x, y), label in zip(places.tolist(), bank.classes.tolist(), strict=True)
        ]
        title = words.space_title(space.title, space.silhouette, len(bank.classes))
        shown.append({"title": title, "dots": dots})
    keys = [(name, EMOTION_COLOURS[name]) for name in DISPLAY_ORDER]
    return render("papers/scatter.html", maps=shown, keys=keys)


def guidance_stages(studio: Studio, watch: Watch) -> Markup:
    """Return the picture, the mask and what the network is shown in training (paper 4, Fig. 5)."""
    model = Facts(Results(), studio.models()).weights("agfer")
    if model is None:
        return render("papers/missing.html", text=words.NOT_TRAINED)
    report = studio.attention(model.name, studio.sample(FACE), watch)
    assert report.guidance is not None, "its paper guides it"
    pictures = guidance_pictures(report.guidance)
    return _strip([(report.seen, "the picture"), *pictures], per_row=3)


def turned_sample(studio: Studio, watch: Watch) -> Markup:  # noqa: ARG001  asks no network
    """Return a sample face as paper 5's Fig. 5 multiplies it: turned and mirrored."""
    face = studio.sample(FACE).image
    shown = []
    for mirrored in (False, True):
        image = face[:, ::-1] if mirrored else face
        for angle in ANGLES_DEG:
            name = f"{angle:+d}°" if angle else "0°"
            shown.append((_turned(image, angle), f"{name}, mirrored" if mirrored else name))
    return _strip(shown, per_row=5)


PICTURES: Mapping[str, Mapping[str, Picture]] = MappingProxyType(
    {
        "csinet": {
            "covered": covered_samples,
            "masks": masked_sample,
            "heat": heat_montage,
        },
        "acsinet": {"attention": attention_montage, "space": feature_maps},
        "psa_resnet50": {},
        "agfer": {"guidance": guidance_stages},
        "vgg16_gcca": {"turns": turned_sample},
    }
)
"""What is computed for each paper, by the names under which exhibits show it; quick ones first."""


def _montage(studio: Studio, networks: tuple[str, ...], shows: str, watch: Watch) -> Markup:
    facts = Facts(Results(), studio.models())
    found = [facts.weights(network) for network in networks]
    models = tuple(model.name for model in found if model is not None)
    if not models:
        return render("papers/missing.html", text=words.NOT_TRAINED)
    names = studio.samples()
    faces = tuple(studio.sample(name) for name in names)
    *_, made = studio.montage(MontagePlan(models, faces, names, shows), watch)
    return montage_grid(made)


def _selection(studio: Studio, emotion: str, cover: str, amount: float = 0.85) -> Selection:
    return Selection(studio.sample(emotion), Cover(cover, amount))


def _title(titles: Mapping[str, MenuEntry], name: str) -> str:
    """Return what a cover is called within a sentence; what begins with capitals keeps them."""
    title = titles[name].title if name in titles else name
    return title if title[:2].isupper() else f"{title[:1].lower()}{title[1:]}"


def _strip(shown: list[tuple[NDArray[np.uint8], str]], *, per_row: int) -> Markup:
    return render("papers/strip.html", shown=shown, per_row=per_row, side_px=SIDE_PX)


def _in_square(places: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return places (N, 2) in a square of 100 units, both axes on one scale."""
    low, span = places.min(axis=0), float(np.ptp(places, axis=0).max())
    centred = (places - low) * (96 / max(span, 1e-9))
    centred += (100 - centred.max(axis=0)) / 2
    return np.asarray(centred * (1, -1) + (0, 100), np.float32)


def _turned(image: NDArray[np.uint8], angle_deg: float) -> NDArray[np.uint8]:
    side = image.shape[0]
    turn = cv2.getRotationMatrix2D((side / 2 - 0.5, side / 2 - 0.5), angle_deg, 1.0)
    turned = cv2.warpAffine(
        np.ascontiguousarray(image), turn, (side, side), borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(turned, np.uint8)
