"""The words of the Live tab. Sentences with numbers are small functions."""

from ferstudio.studio.video import FPS
from ferstudio.ui.uploads import MAX_UPLOAD_MB
from ferstudio.video_files import MAX_SECONDS, MAX_SIDES_PX

TAB = "Live"
START = "Start the camera"
STOP = "Stop"
START_TIP = "Frames go to the studio one at a time, are answered, and are forgotten."
FREEZE = "Freeze"
FREEZE_TIP = (
    "Keeps this frame in view. Another cover, method or number of models is tried on it, too."
)
USE = "Use this frame"
USE_TIP = (
    "Takes the frame in view as the face of all tabs, like a picture of the webcam, and turns to "
    "Compare."
)
MODELS_LABEL = "How many models"
MODELS = {"two": "first two models", "all": "all ticked models"}
MODELS_TIPS = {
    "two": "The first two ticked models are asked: more frames per second.",
    "all": "All ticked models are asked: fewer frames per second.",
}
PRIVACY = (
    "Only the newest frame is looked at, the next one when it is answered. Nothing is stored. The "
    "cover, the ticked models and the heatmap method are those of the sidebar."
)
NO_FACE = "No face in the picture."
SEEN_ALT = "The camera's newest answered frame"
RATE_TIP = "Answered frames per second, over the last ten."
NOTHING_YET = "The networks' answers appear here."
SPENT_TIP = "Time in the studio for finding the face, the cover, and all models' answers and maps."
VIDEO = "Ask about a video"
VIDEO_LIMITS = (
    f"Up to {MAX_SECONDS} seconds, {MAX_UPLOAD_MB} MB and {MAX_SIDES_PX[0]} × {MAX_SIDES_PX[1]} "
    f"pixels. {FPS:g} frames of each second are asked, under the sidebar's cover, and you get a "
    "film with the answers. The video is deleted as soon as it is read."
)
VIDEO_TOO_LARGE = (
    f"This video has more than {MAX_UPLOAD_MB} MB; shorten or reduce it first, or ask about it "
    "from the shell."
)
VIDEO_BEGINS = "Reading the video …"
VIDEO_ALT = "The video's frames with the networks' answers"
VIDEO_NEWEST_ALT = "The newest answered frame of the video"
VIDEO_LEGEND = (
    "Probability over time, from 0 to 100 %, of emotions that reach 10 %. Lines are broken where "
    "no face was found."
)
VIDEO_LEGEND_COVERED = f"Solid: the clean face; dashed: the covered one. {VIDEO_LEGEND}"
VIDEO_SAVE = "Save as"


def curve_alt(title: str) -> str:
    """Return what a network's curve shows."""
    return f"{title}: probability of each emotion over the time of the video"


def spent(milliseconds: float) -> str:
    """Return how long one frame took in the studio."""
    return f"{milliseconds:.0f} ms a frame"


def too_slow(method: str) -> str:
    """Return why there is no heat."""
    return f"{method} takes too long for a camera; choose Grad-CAM to see heat here."
