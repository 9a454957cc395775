"""The studio for scripts and notebooks: `from ferstudio import Studio, Cover`."""

from ferstudio.api.answers import Answer, Answers, Look
from ferstudio.api.studio import Photograph, Studio, Study
from ferstudio.studio.selection import Cover

__all__ = ["Answer", "Answers", "Cover", "Look", "Photograph", "Studio", "Study"]
