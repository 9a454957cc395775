"""From a picture file to aligned faces. mediapipe is imported only when a detector is made."""

from ferstudio.faces.alignment import CROP_PX, align_face, centred_square
from ferstudio.faces.detector import FaceDetector, best_detector
from ferstudio.faces.pictures import read_picture
from ferstudio.faces.search import FaceSearch, find_faces, search_file

__all__ = [
    "CROP_PX",
    "FaceDetector",
    "FaceSearch",
    "align_face",
    "best_detector",
    "centred_square",
    "find_faces",
    "read_picture",
    "search_file",
]
