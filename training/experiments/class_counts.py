"""How many faces of each emotion there are, before and after what the papers do about it.

Table 2 of paper 2, Figs. 7 and 8 of paper 3 and Table 1 of paper 4, of the data at hand: faces per
split, those whose landmarks were found (paper 4's pre-processing leaves out the others), those of
an epoch after oversampling (paper 3, section 3.1), and the weights of classes (paper 4, Eq. 2).
"""

from collections.abc import Mapping

import numpy as np
import torch

from ferstudio.labels import label_set
from ferstudio.results import Result, Row
from training.data.batches import data_name, oversampled_rows
from training.data.protocols import evaluation_labels, protocol_of
from training.data.table import FaceTable
from training.data.targets import target_distributions, training_rows
from training.engine.losses import class_weights
from training.engine.run import code_revision
from training.recipes import Recipe


def count_classes(
    tables: Mapping[str, FaceTable], labels: str, balancing: Recipe, *, command: str
) -> Result:
    """Return how many faces of each emotion the splits have.

    Args:
        tables: the splits there are, by name; "train" among them.
        labels: label set.
        balancing: the recipe whose oversampling is counted; its labels are replaced by `labels`.
        command: what counts them again.
    """
    train, recipe = tables["train"], balancing.changed(labels=labels, targets="majority")
    truth = {split: evaluation_labels(table, labels) for split, table in tables.items()}
    taught = training_rows(train, recipe)
    targets = target_distributions(train, recipe)[taught]
    epoch = targets[oversampled_rows(targets, recipe)].argmax(axis=1)
    weights = class_weights(torch.from_numpy(targets)).tolist()
    found = train.found()
    rows = []
    for number, emotion in enumerate(label_set(labels)):
        counts = {split: int((own == number).sum()) for split, own in truth.items()}
        values = {
            **counts,
            "train_found": int(((truth["train"] == number) & found).sum()),
            "train_balanced": int((epoch == number).sum()),
            "weight": round(weights[number], 4),
        }
        rows.append(Row(emotion, counts["train"], balancing.name, values))
    judged = sum(int(np.count_nonzero(own >= 0)) for own in truth.values())
    return Result(
        kind="class-counts",
        about=labels,
        labels=labels,
        protocol=protocol_of(labels),
        data=data_name(labels),
        command=command,
        commit=code_revision(),
        rows=tuple(rows),
        note=f"{judged:,} of {sum(map(len, tables.values())):,} faces have such a label.",
    )
