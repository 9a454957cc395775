"""What paper 1 prints: Cheng and Kong, CSINet, Symmetry 16 (2024) 471."""

from ferstudio.reported.printed import Paper, Printed

AUTHORS = "Cheng & Kong 2024"

TABLE_1 = Printed(
    f"{AUTHORS}, Table 1",
    ("parameter",),
    {
        "Iteration": ("200",),
        "Batch size": ("32",),
        "Initial learning rate": ("1 × 10⁻²",),
        "Min learning rate": ("(1 × 10⁻²) × 0.01",),
        "Optimizer": ("SGD",),
        "Momentum": ("0.9",),
        "Weight decay": ("5 × 10⁻⁴",),
        "Learning rate decay type": ("COS",),
        "Thread": ("4",),
    },
)

TABLE_2 = Printed(
    f"{AUTHORS}, Table 2",
    ("RAF-DB", "FERPlus"),
    {
        "ResNet50 (baseline)": (76.43, 79.31),
        "RAN": (86.90, 88.55),
        "CVT": (88.14, 88.81),
        "MA-Net": (88.40, None),
        "AMP-Net": (89.25, None),
        "VTFF": (88.14, 88.67),
        "PACVT": (88.21, 88.72),
        "CSINet": (89.67, 90.83),
    },
)

TABLE_3 = Printed(
    f"{AUTHORS}, Table 3",
    (
        "Occlusion, RAF-DB",
        "Occlusion, FERPlus",
        "Pose > 30°, RAF-DB",
        "Pose > 30°, FERPlus",
        "Pose > 45°, RAF-DB",
        "Pose > 45°, FERPlus",
    ),
    {
        "RAN": (82.72, 83.63, 86.74, 82.23, 85.20, 80.40),
        "FER-VT": (84.32, 85.24, 88.03, 88.56, 86.08, 87.06),
        "CVT": (83.95, 84.79, 87.97, 88.29, 88.35, 87.20),
        "MA-Net": (83.65, None, 87.89, None, 87.99, None),
        "AMP-Net": (85.28, 85.44, 89.75, 88.52, 89.25, 87.57),
        "GE-LA": (85.30, 86.24, 89.94, 89.02, 89.45, 88.80),
        "CSINet": (85.74, 86.49, 90.16, 89.61, 89.60, 89.13),
    },
)

TABLE_4 = Printed(
    f"{AUTHORS}, Table 4",
    ("RAF-DB", "FERPlus"),
    {
        "(a) ResNet50": TABLE_2.rows["ResNet50 (baseline)"],
        "(b) ARM": (84.29, 85.19),
        "(c) CSFF": (83.84, 84.38),
        "(d) LGFE": (86.74, 88.20),
    },
)

TABLE_5 = Printed(
    f"{AUTHORS}, Table 5 and section 4.4",
    ("Upper", "Middle", "Lower", "Random", "average", "No mask", "drop"),
    {
        "AMP-Net": (83.54, 85.19, 84.62, 85.91, 84.82, 88.75, 3.93),
        "CSINet": (86.37, 88.19, 87.53, 88.68, 87.69, 90.83, 3.14),
    },
    note="The masks' size isn't printed, nor the data set; CSINet's No mask is Table 2's FERPlus.",
)

PHOTOGRAPHS = Printed(
    f"{AUTHORS}, sections 4.4 and 5 on Figs. 10 and 11",
    ("photographs", "per emotion", "above AMP-Net, points"),
    {"CSINet": (320, 40, 2.35)},
    note="The accuracies by emotion are drawn only.",
)

PAPER = Paper(
    AUTHORS,
    {
        "Table 1": TABLE_1,
        "Table 2": TABLE_2,
        "Table 3": TABLE_3,
        "Table 4": TABLE_4,
        "Table 5": TABLE_5,
        "Fig. 11": PHOTOGRAPHS,
    },
)
