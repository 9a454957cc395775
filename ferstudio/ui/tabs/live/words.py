"""The words of the Live tab. Sentences with numbers are small functions."""

TAB = "Live"
START = "Start the camera"
STOP = "Stop"
START_TIP = "Frames go to the studio one at a time, are answered, and are forgotten."
PRIVACY = (
    "Only the newest frame is looked at, the next one when it is answered. Nothing is stored. The "
    "cover, the first two ticked models and the heatmap method are those of the sidebar."
)
NO_FACE = "No face in the picture."
SEEN_ALT = "The camera's newest answered frame"
RATE_TIP = "Answered frames per second, over the last ten."
NOTHING_YET = "The networks' answers appear here."


def spent(milliseconds: float) -> str:
    """Return how long one frame took in the studio."""
    return f"{milliseconds:.0f} ms a frame"


SPENT_TIP = "Time in the studio for finding faces, the cover, and both models' answers and maps."
