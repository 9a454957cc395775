"""The words of the Learn tab."""

TAB = "Learn"
INTRO = (
    "Six lessons, each a few questions long. The page is set up for every question; the class "
    "guesses, then sees what the networks really do. A teacher can begin with any of them."
)
GUESS_FIRST = "Guess first"
GUESS_ABOUT = (
    "No lesson: choose any face and any cover; it is shown alone until the class has guessed."
)
GUESS_LENGTH = "as long as you like"
FOR_TEACHERS = (
    "Keys: space reveals, the arrows go on and back, P is for the projector. Plans for a lesson of "
    "20 and of 45 minutes, homework and a work sheet stand in docs/teaching.md beside the program."
)


def length(steps: int, minutes: int) -> str:
    """Return how long a lesson is."""
    return f"{steps} questions · {minutes} minutes"
