"""ferstudio: see how facial expression recognition networks break under occlusion.

Importing the package does no work: no model is built, no page is made and nothing is downloaded.
"""

__version__ = "0.1.0"
