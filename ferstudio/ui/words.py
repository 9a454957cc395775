"""The words of the page that its tabs share. Sentences with numbers are small functions.

Words of one tab alone stand in `tabs/TAB/words.py`.
"""

from collections.abc import Sequence

from ferstudio.studio.works import Standing

BRAND = ("fer", "studio")
PAGE_TITLE = "ferstudio"
LARGER = "A+"
LARGER_TIP = "Larger text, for a projector"
PROJECTOR = "P"
PROJECTOR_TIP = "Projector: the answer alone, one row at a time, in large type (key P)"
THEME_TIP = "Light or dark page"
SKIP = "To the answer"
FOLD = "Face, cover and models"
TIP_LABEL = "What this means"
ABOUT_TIP = "About the studio: limits, bias, privacy, law, licences"
GLOSSARY_TIP = "What the words mean"
GLOSSARY_HEADING = "What the words mean"
GLOSSARY_LINK = "all words"
WITH_HEAT, WITHOUT_HEAT = "with heat", "without heat"
CLOSE = "Close"
FACE_SECTION = "1 · A face"
COVER_SECTION = "2 · Cover it"
ASK_SECTION = "3 · Ask"
UPLOAD = "Upload"
WEBCAM = "Webcam"
WEBCAM_TIP = "Take a picture with the camera; it stays on the computer that serves the page"
SNAP = "Take the picture"
CLOSE_CAMERA = "Close"
CAMERA_INSECURE = "Browsers give the camera to pages over https or on localhost only; use Upload."
CAMERA_NONE = "No camera was found; connect one, or use Upload."
CAMERA_BUSY = "Another program uses the camera; close it there first."
CAMERA_BLOCKED = "The browser gives no camera; allow it for this page, or use another browser."
TEXT_GIVEN = "That is a link or text, no picture; save the picture first and give the file."
PASTE = "Paste"
PASTE_TIP = "Take the picture in the clipboard; Ctrl+V and dropping a file work, too"
PASTE_EMPTY = "There is no picture in the clipboard; copy one first or use Upload."
PASTE_BLOCKED = "The browser keeps its clipboard to itself; press Ctrl+V instead."
SAMPLES_LABEL = "Sample faces"
LABEL = "label:"
LABEL_TIP = (
    "What the people whose mean this face is were labelled with. ✓ marks answers that agree, ✗ "
    "those that don't."
)
AS_LABELLED, NOT_AS_LABELLED = "✓", "✗"
FACES_LABEL = "Faces in the picture"
CONDITIONS_LABEL = "What to know about this face"
CURRENT_FACE = "The face that the models are asked about"
OCCLUDERS_LABEL = "What covers the face"
OCCLUDER_GROUPS = {
    "objects": "Things",
    "bars": "Bars",
    "textures": "Patterns",
    "quality": "Quality",
    "own": "Yours",
    "heat": "Heat",
}
STICKER = "Choose a sticker …"
BRUSHES = {8: "Fine brush", 20: "Brush", 44: "Broad brush"}
BRUSHES_LABEL = "Brush"
PAINTS = {
    "#000000": "Black",
    "#828282": "Grey, the mean of all training faces",
    "#ffffff": "White",
    "#c68f70": "Skin",
}
PAINTS_LABEL = "Paint"
ERASER = "Eraser"
WIPE = "✕"
WIPE_TIP = "Take all paint away"
NOTHING = "Nothing"
NOTHING_TIP = "Leaves the face as it is."
AMOUNT = "amount"
AMOUNT_TIP = "Amount: how much of the chosen thing there is, from nothing to all of it."
SEED = "seed"
SEED_TIP = "Seed: the number behind everything random; the same seed covers the same place again."
REROLL = "↻"
REROLL_TIP = "Next seed: another random place"
MODELS_LABEL = "Models to ask"
EXPLAINERS_LABEL = "Where it looked"
NO_HEAT = "No heat"
NO_HEAT_TIP = "Shows the faces alone; faster."
HEAT_KEPT = "of the clean heat"
HEAT_KEPT_TIP = (
    "All heat of the covered face over that of the clean one, in the method's own unit: how strong "
    "the covered map is, which its own colour scale doesn't show."
)
SCALE_LABEL = "Scale of the heat"
ONE_SCALE = "one scale"
ONE_SCALE_TIP = (
    "A model's two maps share one colour scale, so a faint map looks faint. Compare along a row, "
    "not between models."
)
OWN_SCALE = "own scales"
OWN_SCALE_TIP = (
    "Each map is stretched to its own maximum: shows the place; how strong it is stands beside it."
)
COMPARE_BUTTON = "Compare"
COMPARE_TAB = "Compare"
ATTENTION_TAB = "Attention"

FORGOTTEN = (
    "Your picture is no longer here: it was forgotten while the connection was gone. Give it "
    "again, or choose another face."
)
MONTAGE_SAMPLES = "Montage of the sample faces"
MONTAGE_PICTURES = "Montage of your pictures"
MONTAGE_ATTENTION = "own attention"
MONTAGE_NO_PICTURE = "None of these files is a picture that can be read."
MONTAGE_BEGINS = "Asking the first network …"
MONTAGE_SAVE = "Save as"
ASKING = "Asking the models …"
STOP = "Stop"
OLDER_ANSWER = "This is the answer to your choices before."
HALTED_ANSWER = "Stopped before it was done. Press Compare, or choose something else, to ask again."
SLOW_S = 2.0
"""Seconds from which on an answer says beforehand how long it will take."""
FORESEEN_S = 1.5
"""Seconds from which on a person is told how long it will take."""
ONE_MODEL_LABEL = "Which model"
KIOSK = "This page shows the sample faces only: no picture can be brought, and no camera is asked."
FULL = "The studio is full: too many ask at once. Please try again in a minute."
NO_MODEL_CHOSEN = "Tick at least one model under “3 · Ask”."
NO_WEIGHTS = "No trained models were found; start the page with --weights FOLDER."
UNEXPECTED = "Something went wrong inside the studio; try another picture or reload the page."
CLEAN = "Clean"
COVERED = "Covered"
GUIDANCE_MASK = "mask M"
GUIDED_PICTURE = "guided input"
TRUTH_TIP = (
    "Insertion minus deletion area against that of a random map of the same smoothness, with a "
    "95 % interval; half of the faces is what chance reaches."
)
WHOLE_PICTURE = "whole picture"
SHARE_TIP = "Share of the face's oval that the cover hides."
NEARLY_EVEN = "nearly even"
ROWS = "rows"
COLUMNS = "columns"
ROWS_TIP = "The gate of each row, mean over channels, on its own range."
COLUMNS_TIP = "The gate of each column, mean over channels, on its own range."


def montage_left_out(unread: Sequence[str]) -> str:
    """Return which of the uploaded pictures, by their numbers, aren't in a montage."""
    return f"Not a picture that can be read: number {', '.join(unread)}." if unread else ""


def standing(now: Standing) -> str:
    """Return how work stands that somebody waits for."""
    said = [now.doing or ASKING]
    if now.elapsed_s >= FORESEEN_S and now.left_s is not None and now.left_s >= 1:
        said.append(f"{time_left(now.left_s)} left")
    if now.before:
        said.append(queue_place(now.before))
    return " · ".join(said)


def time_left(seconds: float) -> str:
    """Return some seconds as a person would guess them."""
    if seconds >= 90:
        return f"about {seconds / 60:.0f} min"
    step = 1 if seconds < 10 else 5
    return f"about {max(1, round(seconds / step)) * step} s"


def cost(seconds: float) -> str:
    """Return how long an answer will take, "" where that is hardly worth a word."""
    return "" if seconds < SLOW_S else f"For the ticked models it takes {time_left(seconds)}."


def queue_place(before: int) -> str:
    """Return how many others have their turn first."""
    return "1 is before you" if before == 1 else f"{before} are before you"


def face_alt(emotion: str) -> str:
    """Return the alternative text of a sample face."""
    return f"Average face showing {emotion}"


def sample_tip(emotion: str) -> str:
    """Return the tooltip of a sample face."""
    return f"{emotion}: the average of many people's faces; it is nobody's own"


def too_large(limit_mb: int) -> str:
    """Return what is said of a file that is larger than the page takes."""
    return f"The file is larger than {limit_mb} MB; reduce the picture first."


def face_number(number: int) -> str:
    """Return the name of the `number`-th face of a picture."""
    return f"Face {number}"


def covered_share(share: str) -> str:
    """Return the live label beside the amount."""
    return f"{share} of face"


def picture_share(share: str) -> str:
    """Return the live label beside the amount of a cover that heat guides."""
    return f"{share} of picture"


def answer_tip(when: str, emotion: str, share: str) -> str:
    """Return the tooltip of an answer; `when` is "clean" or "covered"."""
    return f"Most probable emotion on the {when} face: {emotion}, with a probability of {share}."


def bars_tip(emotion: str, clean: str, covered: str | None) -> str:
    """Return the tooltip of one emotion's bars; `covered` is None without a cover."""
    if covered is None:
        return f"{emotion}: probability {clean}"
    return f"{emotion}: probability {clean} clean, {covered} covered"


def unknown_emotion(emotion: str) -> str:
    """Return the tooltip of an emotion that a model was never taught."""
    return f"{emotion}: this model doesn't know it"


def seen_alt(title: str, when: str, heat: bool, where: str = "") -> str:
    """Return the alternative text of a face as a model sees it; `where` tells of the heat."""
    seen = f"The {when} face as {title} sees it" + (", with its heatmap" if heat else "")
    return f"{seen}: {where}" if where else seen


def lite(models: int) -> str:
    """Return what a weak host leaves out; `models` are asked at a time."""
    return (
        f"This studio runs on a small machine: the first {models} of the ticked models are asked, "
        "with quick heatmap methods, and there is no robustness study."
    )


def guidance(alpha: float) -> str:
    """Return what guidance is; `alpha` is the weight of what lies outside the mask."""
    return (
        f"In training only, the paper dims all but brows, eyes and mouth to {100 * alpha:g} %. "
        "What you see beside it is asked about the ordinary picture."
    )


def leakage(noun: str) -> str:
    """Return what the leakage number counts, `noun` being "the sunglasses" or the like."""
    return f"of its heat on {noun}"


def leakage_tip(noun: str) -> str:
    """Return the definition of leakage."""
    return (
        f"Share of the covered face's heat that lies on {noun}. A model that ignores the cover "
        "stays low; one that is distracted by it rises."
    )


def attention_alt(title: str, place: str) -> str:
    """Return the alternative text of a map."""
    return f"The attention of {title} in {place}, over the face"


def confusion_tip(label: str, answer: str, count: int, total: int) -> str:
    """Return what a cell of a confusion matrix counts."""
    return f"{label} taken for {answer}: {count} of {total} faces"
