"""Things that hide parts of faces in daily life, anchored to landmarks."""

from ferstudio.occlusion.objects import sunglasses, surgical_mask

__all__ = ["sunglasses", "surgical_mask"]
