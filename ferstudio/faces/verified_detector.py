"""Faces at any size and turned by quarters, each of which two networks have seen.

mediapipe's mesh is precise and believes everything: it lies as well on an upside-down face or on a
flower. MTCNN is rough and doubts. So MTCNN proposes, the mesh places its points, and MTCNN judges
the aligned face again, as it stands and turned.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ferstudio.faces.detector import MAX_FACES
from ferstudio.faces.mediapipe_detector import MediapipeDetector
from ferstudio.faces.mtcnn import JUDGED_PX, Mtcnn, Proposal
from ferstudio.faces.pyramid import Pyramid
from ferstudio.faces.windows import box_area_px, same_face
from ferstudio.preprocess import anchors_transform, apply_affine, framed_anchors, invert_affine
from ferstudio.regions import anchor_points
from ferstudio.types import Face

WHOLE_PX = 640
"""The mesh sees a picture of up to this long side as a whole first."""

_DOMINATING_SHARE = 0.3  # of the long side: beside such a face nothing small is looked for
_SMALLEST_PX = (24.0, 40.0)  # height of the smallest face looked for: in small, in large pictures
_LARGE_PX = 1_500_000  # pixels of a large picture
_TURNED_PX = 4800  # a larger picture is turned at a half or a quarter of its size
_TURNED_PARTS = 24  # of the long side: the smallest face looked for in a turned picture
_MESH_PX = 256  # side of the window that the mesh sees around a proposal
_MESH_MARGIN = 0.5  # of the face's framing on each side

_PLAIN_LOGIT, _PLAIN_APART = 5.0, 0.2
"""What a face is believed at once from: no mesh that lay wrong on 168 turned faces got there."""

_LEAST_LOGIT = 0.0
_SURE_LOGIT, _SURE_LEAD = 3.0, 3.0
_AGREED = 0.22  # of the eyes' distance between mesh and O-Net: nothing more is asked
_CAME_BACK = 0.12  # of the eyes' distance between two meshes of one face
_LOST = 0.75  # of the eyes' distance between mesh and O-Net: there is nothing to it
_TRIES = 3
_UPRIGHT_SUPPORT = 2.0  # logits for one face, from which the picture isn't turned
_UPRIGHT_LEAD = 2.0  # so much more has to be said for a turned picture


class Meshes(Protocol):
    """Places meshes, and believes in them: `MediapipeDetector` does.

    Attributes:
        name: what people are told looked for the face.
    """

    name: str

    def detect_whole(self, image: NDArray[np.uint8]) -> list[Face]:
        """Return the faces of an (H, W, 3) uint8 RGB picture seen as a whole, with their meshes."""
        ...

    def meshes(self, image: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
        """Return the (478, 2) float32 meshes of an (H, W, 3) uint8 RGB picture, in its pixels."""
        ...


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What O-Net says of an aligned face.

    Attributes:
        logit: of a face, as it stands.
        lead: how far that lies above the best logit of the face turned by quarters.
        apart: distance of O-Net's anchors from the mesh's, in distances of the eyes.
    """

    logit: float
    lead: float
    apart: float

    @property
    def sure(self) -> bool:
        """Whether nothing but an upright face gets such a verdict."""
        return self.logit > _SURE_LOGIT and self.lead > _SURE_LEAD


@dataclass(frozen=True, slots=True)
class _Found:
    """A verified face and what speaks for it."""

    face: Face
    verdict: _Verdict


class VerifiedDetector:
    """Face mesh, proposed and verified by MTCNN. One instance may be shared by threads."""

    gives_landmarks = True

    def __init__(self, mesh: Meshes | None = None, max_faces: int = MAX_FACES) -> None:
        """Load the models that come with the packages.

        Args:
            mesh: places the points; None makes one.
            max_faces: most faces returned for one picture, the largest.

        Raises:
            ImportError: if mediapipe isn't installed or can't run here.
        """
        self._mesh = mesh or MediapipeDetector()
        self.name = self._mesh.name
        self._mtcnn = Mtcnn()
        self._max_faces = max_faces

    def detect(self, image: NDArray[np.uint8]) -> list[Face]:
        """Return the faces of an (H, W, 3) uint8 RGB picture, largest first; none gives [].

        Where none stands upright the picture is turned by 90, 180 and 270 degrees; landmarks are
        always those of the picture as it is given.
        """
        pyramid = Pyramid(image)
        found = self._upright(pyramid)
        if not any(_support([each]) > _UPRIGHT_SUPPORT for each in found):
            turned = [self._turned(pyramid, quarters) for quarters in (1, 2, 3)]
            best = max(turned, key=_support)
            if _support(best) > _support(found) + (_UPRIGHT_LEAD if found else 0.0):
                found = best
        faces = sorted((each.face for each in found), key=box_area_px, reverse=True)
        return faces[: self._max_faces]

    def follow(self, image: NDArray[np.uint8], face: Face) -> Face | None:
        """Return where a face of the picture before is in this one; None where it is lost.

        Its mesh is laid again where it was, and judged as those of `detect` are.

        Args:
            image: (H, W, 3) uint8 RGB.
            face: one that `detect` or `follow` found in a picture taken a moment before.
        """
        if face.landmarks_xy_px is None:
            return None
        pyramid = Pyramid(image)
        points = self._meshed(pyramid, anchor_points(face.landmarks_xy_px))
        return next((each.face for each in self._verified(pyramid, points, [])), None)

    def _upright(self, pyramid: Pyramid) -> list[_Found]:
        """Return the faces of a picture as it is given."""
        long_px = max(pyramid.height_px, pyramid.width_px)
        found: list[_Found] = []
        if long_px <= WHOLE_PX:
            found = self._whole(pyramid)
            dominating_px = _DOMINATING_SHARE * long_px
            if any(box_area_px(each.face) ** 0.5 > dominating_px for each in found):
                return found
        small, large = _SMALLEST_PX
        share = min(1.0, pyramid.height_px * pyramid.width_px / _LARGE_PX)
        proposals = self._mtcnn.propose(pyramid, small + share * (large - small))
        found = self._around(pyramid, proposals, found)
        return found if found or long_px <= WHOLE_PX else self._whole(pyramid)

    def _whole(self, pyramid: Pyramid) -> list[_Found]:
        """Return the faces that the mesh finds in the whole picture, reduced if it is large."""
        seen = next(level for level in pyramid.levels if max(level.shape[:2]) <= WHOLE_PX)
        back = np.diag([pyramid.width_px / seen.shape[1], pyramid.height_px / seen.shape[0]])
        found: list[_Found] = []
        for face in self._mesh.detect_whole(seen):
            assert face.landmarks_xy_px is not None
            points = (face.landmarks_xy_px @ back).astype(np.float32)
            found += self._verified(pyramid, points, found)
        return found

    def _turned(self, upright: Pyramid, quarters: int) -> list[_Found]:
        """Return the faces that are upright once the picture is turned, in its own pixels."""
        image = next(level for level in upright.levels if max(level.shape[:2]) <= _TURNED_PX)
        height_px, width_px = image.shape[:2]
        enlarged = np.diag([upright.width_px / width_px, upright.height_px / height_px])
        pyramid = Pyramid(np.ascontiguousarray(np.rot90(image, quarters)))
        smallest_px = max(_SMALLEST_PX[0], max(height_px, width_px) / _TURNED_PARTS)
        back = enlarged @ _turned_back(height_px, width_px, quarters)
        found = []
        for each in self._around(pyramid, self._mtcnn.propose(pyramid, smallest_px), []):
            assert each.face.landmarks_xy_px is not None
            points = apply_affine(back, each.face.landmarks_xy_px)
            found.append(_Found(_face(points, each.face.score), each.verdict))
        return found

    def _around(
        self, pyramid: Pyramid, proposals: Iterable[Proposal], known: list[_Found]
    ) -> list[_Found]:
        """Return what is known and the faces that stand where they are proposed."""
        found = list(known)
        for proposal in sorted(proposals, key=_height_px, reverse=True):
            if len(found) >= self._max_faces:
                break
            if not any(_holds(each.face, proposal) for each in found):
                points = self._meshed(pyramid, proposal.anchors_xy_px)
                found += self._verified(pyramid, points, found)
        return found

    def _verified(
        self, pyramid: Pyramid, points: NDArray[np.float32] | None, known: list[_Found]
    ) -> list[_Found]:
        """Return the face of a mesh where it is one and isn't known yet, else [].

        Where mesh and O-Net disagree about its place, the mesh is laid again into the aligned face:
        it comes back to the same place, or goes to a better one, which is judged in its turn.
        """
        doubtful: list[_Found] = []
        for _ in range(_TRIES):
            if points is None:
                break
            verdict = self._judged(pyramid, points)
            if verdict.logit < _LEAST_LOGIT or verdict.lead < -_UPRIGHT_LEAD:
                break
            agreed = verdict.logit > _SURE_LOGIT and verdict.apart < _AGREED
            again = None if agreed else self._meshed(pyramid, anchor_points(points))
            if agreed or (again is not None and _apart(points, again) < _CAME_BACK):
                doubtful = [_Found(_face(points, _sigmoid(verdict.logit)), verdict)]
                break
            if verdict.sure and verdict.apart < _LOST:
                score = _sigmoid(verdict.logit) * (1 - verdict.apart)
                doubtful.append(_Found(_face(points, score), verdict))
            points = again
        best = max(doubtful, key=lambda each: each.face.score, default=None)
        if best is None or any(same_face(best.face, each.face) for each in known):
            return []
        return [best]

    def _judged(self, pyramid: Pyramid, points: NDArray[np.float32]) -> _Verdict:
        """Return what O-Net says of the face that a mesh makes out."""
        anchors = anchor_points(points)
        to_square = anchors_transform(anchors, JUDGED_PX)
        square = pyramid.warped(to_square, JUDGED_PX)
        mine = apply_affine(to_square, anchors) / JUDGED_PX
        logits, found = self._mtcnn.judge(square[None])
        logit, apart = float(logits[0]), _distance(found[0], mine) / _eyes(mine)
        if logit > _PLAIN_LOGIT and apart < _PLAIN_APART:
            return _Verdict(logit, _SURE_LEAD + logit, apart)
        others, _ = self._mtcnn.judge(np.stack([np.rot90(square, turn) for turn in (1, 2, 3)]))
        return _Verdict(logit, logit - float(others.max()), apart)

    def _meshed(
        self, pyramid: Pyramid, anchors: NDArray[np.floating]
    ) -> NDArray[np.float32] | None:
        """Return the mesh (478, 2) in a window that is laid upright by anchors, or None."""
        to_window = anchors_transform(anchors, _MESH_PX, _MESH_MARGIN)
        meshes = self._mesh.meshes(pyramid.warped(to_window, _MESH_PX))
        if not meshes:
            return None
        framed = framed_anchors(_MESH_PX, _MESH_MARGIN)
        nearest = min(meshes, key=lambda mesh: _distance(anchor_points(mesh), framed))
        return apply_affine(invert_affine(to_window), nearest)


def _face(points: NDArray[np.float32], score: float) -> Face:
    (left, top), (right, bottom) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return Face((left, top, right, bottom), points, score)


def _turned_back(height_px: int, width_px: int, quarters: int) -> NDArray[np.float64]:
    """Return the map from pixels of a picture that `np.rot90` turned to its own, (2, 3)."""
    return np.array(
        {
            1: [[0, -1, width_px], [1, 0, 0]],
            2: [[-1, 0, width_px], [0, -1, height_px]],
            3: [[0, 1, 0], [-1, 0, height_px]],
        }[quarters],
        np.float64,
    )


def _support(found: list[_Found]) -> float:
    """Return how much speaks for some faces together; 0 for none."""
    return sum(min(each.verdict.logit, each.verdict.lead) for each in found)


def _sigmoid(logit: float) -> float:
    return float(1 / (1 + np.exp(-logit)))


def _apart(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Return how far two meshes' anchors are apart at most, in distances of the eyes."""
    anchors = anchor_points(one)
    return _distance(anchors, anchor_points(other)) / _eyes(anchors)


def _eyes(anchors: NDArray[np.floating]) -> float:
    """Return the distance between the eyes, in the unit of the anchors."""
    return max(float(np.linalg.norm(anchors[1] - anchors[0])), 1e-6)


def _distance(one: NDArray[np.floating], other: NDArray[np.floating]) -> float:
    return float(np.linalg.norm(one - other, axis=1).max())


def _height_px(proposal: Proposal) -> float:
    return float(proposal.box_xyxy_px[3] - proposal.box_xyxy_px[1])


def _holds(face: Face, proposal: Proposal) -> bool:
    left, top, right, bottom = proposal.box_xyxy_px.tolist()
    return same_face(face, Face((left, top, right, bottom), None, proposal.score))
