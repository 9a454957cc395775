"""The words of the Robustness tab. Sentences with numbers are small functions."""

TAB = "Robustness"
LOADING = "Covering the face …"
COLUMNS_LABEL = "Covers to try"
MIX = "A mix"
MIX_TIP = "Twelve covers of all kinds."
CELL_NOTE = "probability of its clean answer, in %; red = changed its mind"
CELL_NOTE_TIP = "At the amount of the sidebar's slider. Click a cell to open that face in Compare."
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


def curves_heading(noun: str) -> str:
    """Return the heading of the curves; `noun` is "the surgical mask" or the like."""
    return f"How much of {noun} until the answer changes?"


def cell_tip(title: str, cover: str, target: str, share: str, answer: str) -> str:
    """Return what a cell of the matrix says."""
    return f"{title} under “{cover}”: {target} {share}, its answer is {answer}. Open in Compare."


def flip_words(extent: str, area: str) -> str:
    """Return what stands behind a model's name beside the curves."""
    return f"{extent} · area {area}"
