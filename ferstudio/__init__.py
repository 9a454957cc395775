"""ferstudio: see how facial expression recognition networks break under occlusion.

    from ferstudio import Cover, Studio

Importing the package does no work: no model is built, no page is made and nothing is downloaded;
`Studio` and its kin are imported when they are first named.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ferstudio.api import Answer, Answers, Cover, Look, Photograph, Studio, Study

__version__ = "0.1.0"

__all__ = ["Answer", "Answers", "Cover", "Look", "Photograph", "Studio", "Study", "__version__"]


def __getattr__(name: str) -> Any:
    """Import what a script names first."""
    if name in __all__:
        from ferstudio import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
