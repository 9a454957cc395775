"""The words of the Robustness tab. Sentences with numbers are small functions."""

from collections.abc import Sequence

from ferstudio.occlusion.occluder import Need
from ferstudio.sentences.sentence import joined

TAB = "Robustness"
LOADING = "Covering the face …"
NOTHING_KNOWN = "Stopped before any model had answered."
COLUMNS_LABEL = "Covers to try"
MIX = "A mix"
MIX_TIP = "Twelve covers of all kinds."
CELL_NOTE_TIP = (
    "The tried amount next to that of the sidebar's slider. Click a cell to open that face in "
    "Compare, and a cover's name to see its curves."
)
COLUMN_TIP = "Click to see its curves and faces."
PROBABILITY_AXIS = "its clean answer, %"
CURVES_TIP = (
    "Probability of each model's answer to the clean face as the cover grows. The ring is where "
    "another emotion becomes the most probable one."
)
FILM_HEADING = "What the models saw"
PLAY = "▶"
PLAY_TIP = "Play from clean to covered"
SCRUB = "Amount of the cover"
SHARE_AXIS = "share of the face that is covered"
AMOUNT_AXIS = "amount"
PICTURE_AXIS = "share of the picture that is hidden"
HOLDS = "holds"
AREA_TIP = "Area under the curve over the amount: the mean probability, 100 for a model unshaken."


def cell_note(amounts: Sequence[str]) -> str:
    """Return what the numbers of the matrix are, `amounts` being how much of the covers."""
    return (
        f"Probability of each clean answer in %, at {joined(amounts)}; red: changed its mind. A "
        "click on a cell opens it, one on a cover shows its curves."
    )


def amount_of(need: Need | None, share: str) -> str:
    """Return how much of some covers is shown, `need` being what their amount means."""
    if need is Need.HEAT:
        return f"{share} of the picture by heat"
    return f"{share} of your own" if need is Need.LAYER else f"{share} of each cover"


def curves_heading(noun: str) -> str:
    """Return the heading of the curves; `noun` is "the surgical mask" or the like."""
    return f"How much of {noun} until the answer changes?"


def cell_tip(title: str, cover: str, target: str, share: str, answer: str) -> str:
    """Return what a cell of the matrix says."""
    return f"{title} under “{cover}”: {target} {share}, its answer is {answer}. Open in Compare."


def flip_words(extent: str, area: str) -> str:
    """Return what stands behind a model's name beside the curves."""
    return f"{extent} · area {area}"
