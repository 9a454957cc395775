"""Our own recipes on both label sets at once: FER+'s votes and FER2013's labels.

One backbone learns them, with 8 + 7 logits, and is exported as two networks. Faces that FER+
lacks, or on which its voters saw no emotion, still teach the outputs for FER2013.
"""

from training.recipes.ferplus import SIZES, ferplus
from training.recipes.recipe import BOTH, register_recipe

UNDIVIDED = {"agfer", "agfer_stride32"}
"""Networks in which the number of classes changes more than the last layer, so that no network of
one label set can be cut out of them."""

for _model in SIZES:
    if _model not in UNDIVIDED:
        register_recipe(ferplus(_model).changed(name=f"{_model}.both", labels=BOTH))
