"""The words of the Compare tab. Sentences with numbers are small functions."""

WHY_LABEL = "Which answer the heat explains"
WHY_TIP = (
    "Both maps of the row explain one emotion: the answer to the clean face, or the one to the "
    "covered face."
)
LOADING = "Asking the models …"
MODEL_COLUMN = "Model"
ANSWER_COLUMN = "Answer, clean → covered"
SHORT_ANSWER_COLUMN = "Answer"
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
LEGEND_HEIGHT = "full height = 100 %"
LEGEND_HEAT = ("no heat", "most heat")
LEGEND_HEAT_TIP = (
    "Heat: how much a place of the face spoke for the emotion that is explained. "
    "Point at a face to see it without the heat; a click or tap shows it large, with and without."
)
HEAT_HOW = "Point: without heat. Click or tap: large, with and without."
GUIDANCE = "how it is guided"
SHORT_UNTRUE = "map no better than chance"
PARAMS_TIP = "Number of trained parameters in the network, in millions."
ELAPSED_TIP = (
    "Time for one picture's answer and heatmap on this computer, in thousandths of a second."
)


def why(emotion: str) -> str:
    """Return the switch to an emotion's heatmaps."""
    return f"why {emotion}"


def heat_tip(emotion: str, one_scale: bool) -> str:
    """Return the tooltip of a face with heat on it."""
    scale = "one colour scale for both maps of the row" if one_scale else "each map its own scale"
    return f"Where the evidence for “{emotion}” lies; {scale}. {HEAT_HOW}"


def own_attention_tip(place: str, limits: str) -> str:
    """Return what the small attention map of a row shows."""
    return f"{OWN_ATTENTION_TIP} Here: {place}, weights {limits}, coloured over that range."


def short_truth(share: str) -> str:
    """Return how often a network's maps beat random ones."""
    return f"map beats chance: {share}"
