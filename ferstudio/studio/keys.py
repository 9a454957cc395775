"""What each of the studio's results depends on, as the key it is kept by."""

from dataclasses import replace

from ferstudio.occlusion.occluder import Need
from ferstudio.studio.memory import ResultKey, cover_value, face_digest, layers_value
from ferstudio.studio.montage import MontagePlan
from ferstudio.studio.robustness import RobustnessPlan
from ferstudio.studio.selection import Selection
from ferstudio.types import FaceCrop


def comparison(selection: Selection) -> ResultKey:
    """Return what `Studio.compare` answers of a selection with full names of weights."""
    about = (cover_value(selection.cover), selection.models, selection.explainer)
    return ResultKey(face_digest(selection.crop), "comparison", about)


def retold(model: str, selection: Selection, target: str) -> ResultKey:
    """Return what `Studio.explain_row` answers of the weights called `model`."""
    about = (model, cover_value(selection.cover), selection.explainer, target)
    return ResultKey(face_digest(selection.crop), "retold", about)


def examination(model: str, selection: Selection) -> ResultKey:
    """Return what `Studio.examine` answers of the weights called `model`."""
    how = (selection.explainer, selection.layer, selection.target)
    about = (model, cover_value(selection.cover), *how)
    return ResultKey(face_digest(selection.crop), "examination", about)


def feature_space(model: str, selection: Selection, kind: str) -> ResultKey:
    """Return what `Studio.feature_space` answers of the weights called `model`."""
    cover = selection.cover
    method = selection.explainer if cover.needs is Need.HEAT else ""
    about = (model, kind, cover_value(replace(cover, amount=1.0)), method)
    return ResultKey(face_digest(selection.crop), "feature space", about)


def study(plan: RobustnessPlan) -> ResultKey:
    """Return what `Studio.robustness` answers of a plan with full names of weights."""
    cover = plan.selection.cover
    how = (cover.seed, layers_value(cover.layers), plan.selection.explainer)
    about = (plan.models, plan.occluders, plan.amounts, *how)
    return ResultKey(face_digest(plan.crop), "study", about)


def montage(plan: MontagePlan) -> ResultKey:
    """Return what `Studio.montage` answers of a plan with full names of weights."""
    faces = tuple(map(face_digest, plan.faces))
    about = (plan.models, faces, plan.names, plan.shows, plan.explainer)
    return ResultKey(faces[0], "montage", about)


def attention(model: str, crop: FaceCrop) -> ResultKey:
    """Return what `Studio.attention` answers of the weights called `model`."""
    return ResultKey(face_digest(crop), "attention", (model,))
