"""The words of the Papers tab. Sentences with numbers are small functions."""

TAB = "Papers"
LOADING = "Opening the paper …"
CHOICE_LABEL = "Paper"
WORKING = "still computing …"

PRINTED, HERE = "as printed", "here"
PRINTED_TIP = "The authors' own numbers, from their own data, protocols and training."
HERE_TIP = (
    "Made by this studio's networks, from its own data: never to be mixed with the left side."
)
NOT_MEASURED = "not measured"
NOT_MEASURED_TIP = "Nobody has run it yet, so nothing is said."
NOT_TRAINED = "no weights yet"
DRAWN_ONLY = "The paper draws it and prints no number."

NETWORK_HEADING = "The network"
NETWORK_NOTE = (
    "Drawn from the code, for one picture of 224 px: channels × side of the maps each part gives. "
    "A click on attention opens it in Attention."
)
NO_WEIGHTS_NOTE = (
    "Drawn from the code; no weights of it are here, so its attention can't be opened."
)
MODULES_HEADING = "Its equations"
MODULES_NOTE = "Each is one file, which names the equation and every departure from it."
RECIPE_NOTE = (
    "From the cards of the shipped weights: epochs and time are those of their last training. "
    "training/recipes/papers.py has the paper's own settings."
)
EPOCHS = "Epochs"
BATCH_SIZE = "Batch size"
FIRST_RATE = "Initial learning rate"
LAST_RATE = "Min learning rate"
OPTIMIZER = "Optimizer"
MOMENTUM = "Momentum"
WEIGHT_DECAY = "Weight decay"
RATE_DECAY = "Learning rate decay"
SIDES = "Sides of the pictures"
BEGUN_WITH = "Begun with"
OWN_WEIGHTS = "its own earlier weights"
TRAINING_TIME = "Time"
TRAINING_TIME_TIP = "of its last training, on a processor"

POSE_NOTE = "Turned faces can't be made of averages that look ahead; Table 3 judges them."
MASKS_NOTE = (
    "Accuracy on validation faces, %. The paper doesn't print the masks' size; these are ours at "
    "full size."
)
LISTS = ("Occlusion", "Pose > 30°", "Pose > 45°")
LISTS_NOTE = "Accuracy on lists of validation faces, % (95 %)."
NO_LIST = "no such list of validation faces"
STALE = "of earlier weights"

STA = "Sta, points (Eq. 9)"
STA_NOTE = (
    "Sta is the spread over trainings that differ in their seed alone; the paper's is of its runs."
)
SUMMED = "all folds"
MEAN_SD = "mean ± s.d. over folds"
EPOCH = "epoch"
TRAINING, VALIDATION = "training", "validation"
BEFORE, AFTER = "before", "after balancing"

EMOTION = "emotion"
NETWORK, ROW = "network", "row"
ACCURACY = "accuracy, % (95 %)"


def made_by(command: str, made_from: str) -> str:
    """Return what a number's tooltip says."""
    return f"{made_from}; {command}"


def photographs_note(n: int, missed: int) -> str:
    """Return what was judged, and what has to be known of it."""
    note = (
        f"{n} labelled photographs that no network has learned; settings of training were compared "
        "on them, too."
    )
    if missed:
        note += f" In {missed} of them no face was found: there the centred square was judged."
    return note


def counted(n: int) -> str:
    """Return how many faces were judged."""
    return f"n = {n:,}"


def open_tip(title: str, count: int) -> str:
    """Return what a click on attention in the drawing does."""
    return f"Open {title} in Attention" + (f", {count} blocks" if count > 1 else "")


def space_title(title: str, silhouette: float, faces: int) -> str:
    """Return what stands above a map of features."""
    return f"{title}: silhouette {silhouette:.2f}, {faces:,} validation faces"
