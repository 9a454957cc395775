"""Errors a person can act on.

Everything the studio refuses is a `FerStudioError` whose text is one sentence that says what was
wrong and what to do. The page shows that sentence and the shell prints it with exit status 2; any
other exception is a defect of the program.
"""

_LONGEST_NAME = 100


class FerStudioError(Exception):
    """Base of every error that is the input's fault and not the program's.

    Attributes:
        status: exit status of a command that it ends.
    """

    status = 2


class UnknownNameError(FerStudioError, KeyError):
    """A name that no registry holds; the message lists the known ones."""

    def __init__(self, kind: str, name: str, known: list[str]) -> None:
        """Build the message from the `kind` of thing, the unknown `name` and the `known` names.

        Of a name that is longer than any of ours it says the beginning.
        """
        self.kind = kind
        self.name = name
        self.known = known
        listed = ", ".join(known) if known else "none are registered"
        asked = name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…"
        super().__init__(f"There is no {kind} named {asked!r}; choose from: {listed}.")

    def __str__(self) -> str:
        """Return the sentence itself, without the quotes a KeyError adds."""
        return str(self.args[0])


class ImageError(FerStudioError):
    """A file or array that can't be read as a picture."""


class VideoError(FerStudioError):
    """A file that can't be read as a video, or more of one than is read."""


class WeightsError(FerStudioError):
    """A weights folder that is missing, damaged or made for something else."""


class DataError(FerStudioError):
    """A data set file that doesn't have the form it should have."""


class UsageError(FerStudioError):
    """An argument out of its range."""
