"""What the words on the page mean: one list, to which every explanation leads."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """A word and its meaning.

    Attributes:
        key: names it on the page.
        name: as it is read.
        spelled: the beginnings and spellings by which it is found in a text, a regular expression
            without regard to case.
        meaning: one or two sentences.
    """

    key: str
    name: str
    spelled: str
    meaning: str


GLOSSARY = (
    Term(
        "probability",
        "Probability",
        r"probab\w*|confiden\w*",
        "A network spreads 100 % over the emotions that it knows, eight for most. The largest "
        "share is its answer. It is how sure the network is, not how often it is right.",
    ),
    Term(
        "label",
        "Label",
        r"labels?|labelled",
        "The emotion that people chose for a face. Ten people judged each face of FER+; the label "
        "is what most of them said.",
    ),
    Term(
        "cover",
        "Cover, occlusion",
        r"cover\w*|occlu\w*",
        "What is laid over the face, so that one sees how an answer depends on the part beneath.",
    ),
    Term(
        "amount",
        "Amount",
        r"amounts?",
        "How much of a cover there is, from nothing to all of it. What share of the face's oval it "
        "hides stands beside the slider.",
    ),
    Term(
        "seed",
        "Seed",
        r"seeds?",
        "The number behind everything random. The same seed covers the same place again.",
    ),
    Term(
        "heat",
        "Heat, heatmap",
        r"heat\w*|maps?|hottest",
        "Colours over a face that show how much each place spoke for one emotion. It is an "
        "estimate, made by a method such as Grad-CAM.",
    ),
    Term(
        "cam",
        "CAM",
        r"\w*-?cam",
        "Class activation map: the heat is a weighted sum of what the network's last layers found "
        "at each place. The methods differ in how they weigh.",
    ),
    Term(
        "scale",
        "Scale",
        r"scales?",
        "Which strength a colour stands for. Own scales stretch each map to its maximum; one scale "
        "lets two maps be compared.",
    ),
    Term(
        "leakage",
        "Leakage",
        r"leak\w*|distracted",
        "The share of the covered face's heat that lies on the cover itself. A network that "
        "ignores the cover stays low.",
    ),
    Term(
        "attention",
        "Attention",
        r"attention|gates?",
        "A part of some networks that lets features through more or less, by place, by channel or "
        "by size. It works for all emotions alike, unlike heat.",
    ),
    Term(
        "channel",
        "Channel",
        r"channels?",
        "One of the many pictures that a layer makes of the face, each of them strong where the "
        "layer found one kind of pattern.",
    ),
    Term(
        "kernel",
        "Kernel",
        r"kernels?",
        "The small window through which a layer looks. Larger ones see larger patterns.",
    ),
    Term(
        "layer",
        "Layer, block",
        r"layers?|blocks?",
        "One step of a network. Early ones find edges, late ones parts of faces.",
    ),
    Term(
        "parameters",
        "Parameters",
        r"parameters?|weights?",
        "The numbers that a network learned in training.",
    ),
    Term(
        "chance",
        "Random map, chance",
        r"random map|chance",
        "A map that says nothing but is as smooth as a true one. A method that doesn't beat it "
        "explains nothing.",
    ),
    Term(
        "deletion",
        "Deletion, insertion",
        r"deletion|insertion",
        "Tests of a map: take the hottest pixels away first, or give them back first. If the map "
        "is true, the probability falls fast or rises fast (Petsiuk et al. 2018).",
    ),
    Term(
        "area",
        "Area under the curve",
        r"area",
        "One number for a whole curve: its mean height over all amounts.",
    ),
    Term(
        "correlation",
        "Rank correlation",
        r"(?:rank )?correlations?|spearman\w*",
        "How alike two orders are: 1 for the same, 0 where they have nothing to do with each "
        "other.",
    ),
    Term(
        "ssim",
        "SSIM",
        r"ssim|structural similarity",
        "How alike two pictures look, 1 for equal ones (Wang et al. 2004).",
    ),
    Term(
        "accuracy",
        "Accuracy",
        r"accura\w*",
        "The share of faces for which the most probable emotion is the label.",
    ),
    Term(
        "recall",
        "Recall",
        r"recalls?|recognised",
        "The share of an emotion's faces that is recognised. Macro recall is the mean over the "
        "emotions, so that rare ones count as much as frequent ones.",
    ),
    Term(
        "interval",
        "95 % interval",
        r"interval",
        "How far a figure may be off because only so many faces were counted.",
    ),
    Term(
        "feature",
        "Features",
        r"features?",
        "The numbers that a network makes of a face before it answers, from 512 to 2,048 of them "
        "here. Faces that it takes for similar have similar features.",
    ),
    Term(
        "projection",
        "PCA, t-SNE, UMAP",
        r"pca|t-sne|umap|projection",
        "Ways to draw features of hundreds of numbers, or thousands, on a plane. Only in PCA do "
        "distances count; the others keep neighbours together.",
    ),
    Term(
        "silhouette",
        "Silhouette, purity",
        r"silhouette|purity",
        "How well a network tells the emotions apart: how much nearer faces lie to their own "
        "emotion, and what share of a face's neighbours shows the same one.",
    ),
)
"""The terms, from what the page shows first to what it shows last."""
