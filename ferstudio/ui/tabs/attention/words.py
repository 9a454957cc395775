"""The words of the Attention tab. Sentences with numbers are small functions."""

from ferstudio.ui import words as shared

TAB = shared.ATTENTION_TAB
ENLARGE_TIP = "Show it large"
PICTURE_LABEL = "Which picture"
CLEAN_TIP = "The attention on the clean face."
COVERED_TIP = "The attention on the face under the cover of the sidebar."
LOADING = "Looking inside …"
ASIDE = "Its own attention, not a CAM."
CLICK_NOTE = "Click a block to switch it off, and on again."
ASIDE_TIP = (
    "Attention says how strongly features are let through, for all emotions alike. A CAM says what "
    "speaks for one emotion. Both can differ."
)
NO_ATTENTION = (
    "This network has no attention of its own: it lets all places and all channels through alike. "
    "Where its evidence lies, the heatmaps of the Compare tab show. For attention, tick a network "
    "such as ACSI-Net, CSINet, PSA-ResNet-50, AGFER or VGG16-GCCA."
)
NO_KNOWN_ATTENTION = (
    "This network was imported: it may weigh places and channels, but its layers aren't "
    "known here. Hide parts of the face in the Explain tab to see what its answer hangs on."
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
NEARLY_EVEN_TIP = (
    "The weakest place gets less than 5 % less than the strongest. The colours are stretched over "
    "that small range: they show differences that hardly matter."
)
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


WORTH_TIP = (
    "Right answers to validation faces with the network's attention, less those with every gate at "
    "its mean over all faces: what following the face is worth. In brackets the 95 % interval."
)
