"""Networks by name, their attention and their weights.

Importing this package registers every family; it builds no network and reads no file.
"""

from ferstudio.models import acsinet, agfer, black_box, csinet, gcca, psa_resnet, resnet, vgg
from ferstudio.models.inference import prediction_from_logits
from ferstudio.models.loading import LoadedModel, find_weights, load_weights
from ferstudio.models.registry import (
    ModelEntry,
    build_model,
    list_models,
    model_entry,
    register_model,
)

__all__ = [
    "LoadedModel",
    "ModelEntry",
    "acsinet",
    "agfer",
    "black_box",
    "build_model",
    "csinet",
    "find_weights",
    "gcca",
    "list_models",
    "load_weights",
    "model_entry",
    "prediction_from_logits",
    "psa_resnet",
    "register_model",
    "resnet",
    "vgg",
]
