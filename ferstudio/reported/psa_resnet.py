"""What paper 3 prints: Gu and Jin, PSA-ResNet."""

from ferstudio.reported.printed import Paper, Printed

AUTHORS = "Gu & Jin 2025"

COUNTS = Printed(
    f"{AUTHORS}, section 3.1",
    ("FER2013, training",),
    {"happy": (7_215,), "disgust": (436,)},
    note="Fig. 7 draws the counts before and after balancing; the text prints these two.",
)

TABLE_2 = Printed(
    f"{AUTHORS}, Tables 1 and 2",
    ("value",),
    {
        "PyTorch": ("2.0",),
        "GPU": ("RTX 3080 Ti",),
        "Epochs": ("200",),
        "Batch size": ("32",),
        "Learning rate": ("0.001",),
        "Optimizer": ("Adam",),
    },
)

TABLE_3 = Printed(
    f"{AUTHORS}, Table 3",
    ("CK+",),
    {
        "Basic": (94.80,),
        "SE": (96.80,),
        "CBAM": (97.62,),
        "ECA": (97.82,),
        "AFF": (98.07,),
        "PSA": (98.35,),
    },
    note="It gives PSA what Table 4 gives PSA with the joint loss.",
)

TABLE_4 = Printed(
    f"{AUTHORS}, Table 4",
    ("CK+", "FER2013"),
    {
        "Basic": (94.80, 69.92),
        "Basic + joint loss": (95.43, 71.67),
        "Basic + PSA": (96.32, 72.45),
        "Basic + PSA + joint loss": (98.35, 74.26),
    },
)

TABLE_5 = Printed(
    f"{AUTHORS}, Table 5",
    ("CK+", "FER2013"),
    {
        "VGGNet": (97.26, 68.79),
        "ResNet": (97.80, 69.01),
        "MobileNetV2": (98.16, 70.80),
        "DenseNet": (98.05, 72.30),
        "PSA-ResNet": TABLE_4.rows["Basic + PSA + joint loss"],
    },
)

RECALLS = Printed(
    f"{AUTHORS}, section 3.3.1 on Fig. 11",
    ("recall",),
    {"happiness": (0.84,), "surprise": (0.82,)},
    note="The text prints these two of the matrix.",
)

PAPER = Paper(
    AUTHORS,
    {
        "Fig. 7": COUNTS,
        "Table 2": TABLE_2,
        "Table 3": TABLE_3,
        "Table 4": TABLE_4,
        "Table 5": TABLE_5,
        "Fig. 11": RECALLS,
    },
)
