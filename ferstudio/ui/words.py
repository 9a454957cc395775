"""The words of the page, in one place. Sentences with numbers are small functions.

Those of the Explain tab are in `text_explain`.
"""

BRAND = ("fer", "studio")
PAGE_TITLE = "ferstudio"
LARGER = "A+"
LARGER_TIP = "Larger text, for a projector"
THEME_TIP = "Light or dark page"

COMPARE_TAB = "Compare"

FACE_SECTION = "1 · A face"
COVER_SECTION = "2 · Cover it"
ASK_SECTION = "3 · Ask"

UPLOAD = "Upload"
WEBCAM = "Webcam"
PASTE = "Paste"
PASTE_TIP = "Take the picture in the clipboard; Ctrl+V and dropping a file work, too"
PASTE_EMPTY = "There is no picture in the clipboard; copy one first or use Upload."
PASTE_BLOCKED = "The browser keeps its clipboard to itself; press Ctrl+V instead."
SAMPLES_LABEL = "Sample faces"
FACES_LABEL = "Faces in the picture"
CURRENT_FACE = "The face that the models are asked about"
NO_FACE_YET = "Choose a face: click a sample, or upload a picture."
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
SCALE_LABEL = "Scale of the heat"
ONE_SCALE = "one scale"
ONE_SCALE_TIP = (
    "A model's two maps share one colour scale, so a faint map looks faint. Compare along a row, "
    "not between models."
)
OWN_SCALE = "own scales"
OWN_SCALE_TIP = "Each map is stretched to its own maximum: shows the place, not the strength."
COMPARE_BUTTON = "Compare"

ONE_MODEL_LABEL = "Which model"
NO_MODEL_CHOSEN = "Tick at least one model under “3 · Ask”."
NO_WEIGHTS = "No trained models were found; start the page with --weights FOLDER."
UNEXPECTED = "Something went wrong inside the studio; try another picture or reload the page."
LOADING = "Asking the models …"

MODEL_COLUMN = "Model"
ANSWER_COLUMN = "Answer, clean → covered"
SHORT_ANSWER_COLUMN = "Answer"
CLEAN = "Clean"
COVERED = "Covered"
LEAKAGE_COLUMN = "Leakage"
ATTENTION_COLUMN = "Attention"
NO_OWN_ATTENTION = "none of its own"
OWN_ATTENTION_TIP = (
    "The network's own attention, on the covered face where there is a cover. The Attention tab "
    "shows all of it."
)
HELD = "held"
HELD_TIP = "The most probable emotion is the same on the clean and on the covered face."
FLIPPED = "changed its mind"
FLIPPED_TIP = "The most probable emotion is another one once the face is covered."
LEGEND_CLEAN = "outline = clean"
LEGEND_COVERED = "filled = covered"
LEGEND_HEAT = ("no heat", "most heat")
LEGEND_HEAT_TIP = (
    "Heat: how much a place of the face spoke for the model's answer to the clean face. "
    "Point at a face, or tap it, to see it without the heat."
)
GUIDANCE = "how it is guided"
GUIDANCE_MASK = "mask M"
GUIDED_PICTURE = "guided input"
PARAMS_TIP = "Number of trained parameters in the network, in millions."
ELAPSED_TIP = (
    "Time for one picture's answer and heatmap on this computer, in thousandths of a second."
)
WHOLE_PICTURE = "whole picture"
SHARE_TIP = "Share of the face's oval that the cover hides."


def face_alt(emotion: str) -> str:
    """Return the alternative text of a sample face."""
    return f"Average face showing {emotion}"


def sample_tip(emotion: str) -> str:
    """Return the tooltip of a sample face."""
    return f"{emotion}: the average of many people's faces; it is nobody's own"


def face_number(number: int) -> str:
    """Return the name of the `number`-th face of a picture."""
    return f"Face {number}"


def covered_share(percent: str) -> str:
    """Return the live label beside the amount."""
    return f"{percent} of face"


def picture_share(percent: str) -> str:
    """Return the live label beside the amount of a cover that heat guides."""
    return f"{percent} of picture"


def answer_tip(when: str, emotion: str, percent: str) -> str:
    """Return the tooltip of an answer; `when` is "clean" or "covered"."""
    return f"Most probable emotion on the {when} face: {emotion}, with a probability of {percent}."


def bars_tip(emotion: str, clean: str, covered: str | None) -> str:
    """Return the tooltip of one emotion's bars; `covered` is None without a cover."""
    if covered is None:
        return f"{emotion}: probability {clean}"
    return f"{emotion}: probability {clean} clean, {covered} covered"


def unknown_emotion(emotion: str) -> str:
    """Return the tooltip of an emotion that a model was never taught."""
    return f"{emotion}: this model doesn't know it"


def seen_alt(title: str, when: str, heat: bool) -> str:
    """Return the alternative text of a face as a model sees it."""
    return f"The {when} face as {title} sees it" + (", with its heatmap" if heat else "")


def heat_tip(emotion: str, one_scale: bool) -> str:
    """Return the tooltip of a face with heat on it."""
    scale = "one colour scale for both maps of the row" if one_scale else "each map its own scale"
    return f"Where the evidence for “{emotion}” lies; {scale}. Point or tap: without heat."


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


def own_attention_tip(place: str, limits: str) -> str:
    """Return what the small attention map of a row shows."""
    return f"{OWN_ATTENTION_TIP} Here: {place}, weights {limits}, coloured over that range."


ATTENTION_TAB = "Attention"
INSIDE_PICTURE_LABEL = "Which picture"
INSIDE_CLEAN_TIP = "The attention on the clean face."
INSIDE_COVERED_TIP = "The attention on the face under the cover of the sidebar."
INSIDE_LOADING = "Looking inside …"
INSIDE_ASIDE = "its own attention, not a CAM"
INSIDE_ASIDE_TIP = (
    "Attention says how strongly features are let through, for all emotions alike. A CAM says what "
    "speaks for one emotion. Both can differ."
)
NO_ATTENTION = (
    "This network has no attention of its own: it lets all places and all channels through alike. "
    "Where its evidence lies, the heatmaps of the Compare tab show. For attention, tick a network "
    "such as ACSI-Net, CSINet, PSA-ResNet-50, AGFER or VGG16-GCCA."
)
HAS_ATTENTION = "It has"
GUIDANCE_HEADING = "Guided in training"
SAME_GATE = "block by block"
SEQUENCE = "from coarse to fine"
SEQUENCE_ERASES = (
    "First the map that the network predicts, then what it leaves over: each gate is 1 minus the "
    "map it reads. Bright is what has not been found yet."
)
SEQUENCE_KEEPS = "First the map that the network predicts, then the gates that keep what it shows."
ERASES = "erases"
NEARLY_EVEN = "nearly even"
NEARLY_EVEN_TIP = (
    "The weakest place gets less than 5 % less than the strongest. The colours are stretched over "
    "that small range: they show differences that hardly matter."
)
ROWS = "rows"
COLUMNS = "columns"
ROWS_TIP = "The gate of each row, mean over channels, on its own range."
COLUMNS_TIP = "The gate of each column, mean over channels, on its own range."
REGIONS_HEADING = "Where on the face"
REGIONS_TIP = (
    "What share of the main map lies on each part, counted above the map's minimum, and how many "
    "times as much that is as an even map would put there."
)
SWITCH_HEADING = "Switch it off"
SWITCH_LABEL = "Attention"
SWITCH_TIP = (
    "Off: every gate is replaced by its own mean and every kernel size gets an equal share. As "
    "much passes as before, but nothing is told apart any more."
)
LEGEND_ON = "outline = attention on"
LEGEND_OFF = "filled = off"
HALF_TIP = (
    "The smallest number of channels whose weights make up half of the sum of all. Equal weights "
    "would need half of the channels."
)
BRANCHES_HEADING = "which kernel it trusts"
BRANCHES_TIP = (
    "Softmax over the kernel sizes, mean over channels, per block. Each column adds up to 100 %."
)
WEIGHTS_TIP = (
    "The range of the weights, mean over channels. Colours run over exactly this range, from "
    "violet for the lowest to yellow for the highest."
)
CELLS_TIP = "Rows and columns of the map before it is enlarged to the picture."
KIND_NOTES = {
    "channels": "One weight per channel, sorted; in colour, the few that carry half of the sum.",
    "places": "One weight per place, for all channels.",
    "edges": "A gate per row times a gate per column, mean over channels.",
    "features": "One weight per channel and place, mean over channels.",
    "scales": "Shares of several kernel sizes, mean over channels.",
    "prediction": "A map that the network predicts and uses itself.",
}


def block_count(count: int, title: str) -> str:
    """Return how many blocks of a kind a network has."""
    first, gap, rest = title.partition(" ")
    named = title if first.isupper() else f"{first.lower()}{gap}{rest}"
    return title if count == 1 else f"{count} × {named}"


def one_to_other(first: str, last: str) -> str:
    """Return the range from the first block's size to the last's."""
    return first if first == last else f"{first} → {last}"


def cells(height: int, width: int) -> str:
    """Return the size of a map."""
    return f"{height}×{width}"


def channels(count: int) -> str:
    """Return a number of channels in words."""
    return "1 channel" if count == 1 else f"{count} channels"


def scales(count: int) -> str:
    """Return a number of kernel sizes in words."""
    return f"{count} kernel sizes"


def half_of_weight(count: int, total: int) -> str:
    """Return how many of the channels carry half of the weight."""
    return f"half on {count} of {total}"


def weights(limits: str) -> str:
    """Return the range of some weights in words."""
    return f"weights {limits}"


def region_tip(name: str, share: str, area: str, lift: float) -> str:
    """Return the definition of one part's share of the attention."""
    return (
        f"{name}: {share} of the map, counted above its own minimum, lies on {area} of the "
        f"picture: {lift:.1f} times as much as if the attention were spread evenly."
    )


def branch_tip(place: str, name: str, share: str, low: str, high: str) -> str:
    """Return the definition of one kernel's share in one block."""
    return f"{place}, {name}: {share} on average over channels, from {low} to {high}"


def block_tip(place: str, title: str, off: bool) -> str:
    """Return the tooltip of a block's map or bars, which switch it off and on."""
    return f"{title} in {place}. Click to switch it {'on again' if off else 'off'}."


def attention_state(what: str, off: bool) -> str:
    """Return the words beside the switch; `what` is "attention" or a block's name."""
    return f"{what} is off:" if off else f"{what} is on. Switch it off and"


def on_off_tip(emotion: str, on: str, off: str) -> str:
    """Return the tooltip of one emotion's bars with attention on and off."""
    return f"{emotion}: probability {on} with attention, {off} without"


def attention_alt(title: str, place: str) -> str:
    """Return the alternative text of a map."""
    return f"The attention of {title} in {place}, over the face"
