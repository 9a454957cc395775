"""The words of lessons and of guessing first, wherever they stand on the page."""

LESSON = "Lesson"
GUESS_FIRST = "Guess first"
GUESS_TITLE = "What does this face show?"
GUESS_LOOK = "Choose any face and any cover: it is shown alone until the class has guessed."
REVEAL = "Reveal"
REVEAL_TIP = "Show what the networks answer (space)"
BACK, NEXT, LEAVE = "Back", "Next", "Leave"
BACK_TIP, NEXT_TIP = "The step before (left arrow)", "The next step (right arrow)"
LEAVE_TIP = "End the lesson and keep the page as it is"
FINISH = "All lessons"
AGAIN, AGAIN_TIP = "Next face", "Let the class guess again (right arrow)"
TAKE_HOME = "Take home"
LEFT_OUT = "This step asks every cover at every amount, which is left out on this weak machine."
ASKING = "Asking the networks …"
CLASS, NETWORKS, PEOPLE = "The class", "The networks", "People"
PEOPLE_TIP = "Votes of FER+'s ten annotators on the bare faces that this face is the mean of."
LEAST_SHARE = 0.01
"""Emotions that nobody names more often than this have no column of their own."""

CHART_LABEL = "Who says what"
HINT = "First time here?"
HINT_BEGIN = "A lesson of {minutes} minutes: {title}"
HINT_CLOSE = "Not now"

HANDS = "Show of hands"
HANDS_TIP = "Count hands with + and −, or with the keys 1 to 8"
OPEN_VOTE = "Let phones vote"
JOIN_AT = "Open on a phone"
CODE = "Code"
ALONE = (
    "Phones can't reach this address. Start the page with --host 0.0.0.0 and open it here under "
    "this computer's address in the network."
)
QR_ALT = "QR code of the address on which phones vote"
FACE_ALT = "The covered face, large and alone"
ONE_MORE, ONE_LESS = "one more", "one less"
ON_PHONES = "on phones"


def step_number(number: int, count: int) -> str:
    """Return which step of a lesson it is."""
    return f"{number} of {count}"


def hint_begin(title: str, minutes: int) -> str:
    """Return what a first visit is offered."""
    return HINT_BEGIN.format(title=title, minutes=minutes)
