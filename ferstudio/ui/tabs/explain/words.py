"""The words of the Explain tab. Sentences with numbers are small functions."""

TAB = "Explain"
LOADING = "Asking why …"
WORKING = "still computing …"
ASIDE_TIP = "The heatmap method chosen under “3 · Ask”; another one is examined once it is chosen."

TARGET_LABEL = "Which emotion is explained"
OWN_ANSWER = "Why its answer?"
LAYER_LABEL = "Which layer of the network is shown"
NO_LAYER = "no single layer"

PARTS_HEADING = "What the answer hangs on"
PARTS_NOTE = "Each part of the face is blurred away in turn."
PARTS_FACES_LABEL = "Which face's parts are hidden"
PARTS_TIP = (
    "How far the probability of the answer falls when that part is blurred away. No gradient and "
    "no layer: a fact about the answer, not an estimate. Left and right are the person's own."
)
PARTS_ALT = "The face, each part coloured by how far the answer falls without it"

CHANGE_HEADING = "What the cover does to the map"
NO_COVER = "Choose a cover under “2 · Cover it” to see how the map changes."
DIFFERENCE = "difference"
DIFFERENCE_TIP = "Red: heat that came with the cover. Blue: heat that went. Strength on one scale."
RANK = "rank correlation"
RANK_TIP = (
    "Spearman's correlation of both maps: 1 where the order of all places by heat is the same, 0 "
    "where they have nothing to do with each other."
)
SSIM = "SSIM"
SSIM_TIP = "Structural similarity of both maps on one scale: 1 for equal maps (Wang et al. 2004)."

CURVES_HEADING = "Is the map true?"
MOST, LEAST = "100 %", "0 %"
NO_PIXEL = "none"
DELETION_AXIS, INSERTION_AXIS = "all greyed", "all given back"
DELETION = "deletion"
DELETION_TIP = (
    "The hottest pixels are greyed out first. A true map makes the probability fall fast: the "
    "smaller the area under the curve, the better."
)
INSERTION = "insertion"
INSERTION_TIP = (
    "The hottest pixels are given back first, from a blurred face. A true map makes the "
    "probability rise fast: the larger the area, the better."
)
RANDOM_MAP = "random map"
RANDOM_TIP = "A map that says nothing but is exactly as smooth: what a true one has to beat."

FOCUS_HEADING = "Where the heat lies"
FOCUS_TIP = (
    "Share of the map's heat inside each part, and how many times as much that is as an even map "
    "would have there. The dot marks where the hottest place is."
)
POINTS = "hottest here"

STAGES_HEADING = "With shuffled weights"
STAGES_NOTE = "So many layers are shuffled, from the last on; below, how alike the map still is."
STAGES_TIP = (
    "The numbers are rank correlations with the map of the trained network. A map that stays alike "
    "with shuffled weights shows the picture, not the network (Adebayo et al. 2018)."
)
STAGES_SLOW = "Not made for a method as slow as this: choose a faster one, such as Grad-CAM."
TRAINED = "trained"
NO_HEAT_LEFT = "empty"

NO_MAP = "Choose a heatmap method under “3 · Ask” to see this network's map."
COVERED_MAP_EMPTY = "On the covered face the map is empty: nothing there speaks for it any more."


def why(emotion: str) -> str:
    """Return the question about one emotion."""
    return f"Why {emotion}?"


def usual_layer(name: str) -> str:
    """Return the entry for the layer that is shown where none is chosen."""
    return f"usual layer: {name}"


def layer(name: str, cells: int) -> str:
    """Return the entry for one layer."""
    return f"{name}: {cells} × {cells} cells"


def by_method(method: str) -> str:
    """Return which heatmap method is examined."""
    return f"heatmaps: {method}"


def both_explain(emotion: str) -> str:
    """Return which emotion the maps are about."""
    return f"Both maps are of the evidence for {emotion}; choose another emotion above."


def one_explains(emotion: str) -> str:
    """Return which emotion the map is about."""
    return f"The map is of the evidence for {emotion}."


def part_tip(part: str, answer: str, clean: str, hidden: str, share: str) -> str:
    """Return what hiding one part does."""
    return f"Without the {part} ({share} of the picture): {answer} {clean} → {hidden}."


def curves_note(emotion: str) -> str:
    """Return what the curves show."""
    return f"How probable {emotion} is while pixels are exchanged, the hottest first."


def areas(map_area: float, random_area: float) -> str:
    """Return both areas under a pair of curves."""
    return f"{map_area:.2f} · random {random_area:.2f}"


def curve_label(name: str, map_area: float, random_area: float) -> str:
    """Return what a chart of two curves shows."""
    return f"{name}: area {map_area:.2f}, of a random map {random_area:.2f}"


def not_measured(method: str) -> str:
    """Return that nobody has counted yet."""
    return f"How often {method} beats a random map on this network hasn't been measured."


def focus_tip(part: str, energy: str, share: str, lift: float) -> str:
    """Return how much heat lies on one part."""
    return (
        f"{part}: {energy} of the heat on {share} of the picture, {lift:.1f} times as much as an "
        "even map has there"
    )


def stage(layers: int) -> str:
    """Return how many layers are shuffled."""
    return "1 layer" if layers == 1 else f"{layers} layers"


def stage_alt(layers: int) -> str:
    """Return the alternative text of a map of a shuffled network."""
    return f"The map with {stage(layers)} shuffled"


def heat_alt(title: str, when: str, emotion: str) -> str:
    """Return the alternative text of a map."""
    return f"Where {title} sees {emotion} on the {when} face"
