"""What paper 2 prints: Li, Zhu and Zhou, ACSI-Net, Entropy 24 (2022) 882."""

from ferstudio.reported.printed import Paper, Printed

AUTHORS = "Li, Zhu & Zhou 2022"

TABLE_1 = Printed(
    f"{AUTHORS}, Table 1",
    ("input", "level", "widths of the 3×3 convolutions, dilations 1, 2, …"),
    {
        "stage 1": ("56 × 56", "4", "16, 16, 16, 16"),
        "stage 2": ("28 × 28", "3", "64, 32, 32"),
        "stage 3": ("14 × 14", "2", "128, 128"),
        "stage 4": ("7 × 7", "1", "512"),
    },
)

TABLE_2 = Printed(
    f"{AUTHORS}, Table 2",
    ("AffectNet-7 train", "AffectNet-7 test", "RAF-DB train", "RAF-DB test"),
    {
        "Anger": (24_882, 500, 705, 162),
        "Disgust": (3_803, 500, 717, 160),
        "Fear": (6_378, 500, 281, 74),
        "Happy": (134_415, 500, 4_772, 1_185),
        "Sad": (25_459, 500, 1_982, 478),
        "Surprise": (14_090, 500, 1_290, 329),
        "Normal": (74_874, 500, 2_524, 680),
        "Total": (283_901, 3_500, 12_271, 3_068),
    },
)

_COLUMNS = ("parameters, M", "GFLOPs", "time, s", "RAF-DB", "AffectNet-7")

TABLE_3 = Printed(
    f"{AUTHORS}, Table 3",
    _COLUMNS,
    {
        "ResNet": (11.69, 1.82, 1.32, 85.88, 63.82),
        "CoResNet": (11.69, 1.82, 1.32, 86.86, 65.83),
    },
    note="It prints ACSI-Net's accuracies for CoResNet; Table 4 has CoResNet's own.",
)

TABLE_4 = Printed(
    f"{AUTHORS}, Table 4",
    _COLUMNS,
    {
        "CoResNet": (11.69, 1.82, 1.32, 86.29, 64.38),
        "CoResNet_CA-a": (11.72, 1.82, 1.33, 86.45, 65.16),
        "CoResNet_CA-b": (11.75, 1.82, 1.35, 86.52, 65.60),
        "ACSI-Net": (11.78, 1.82, 1.38, 86.86, 65.83),
    },
)

TABLES_3_AND_4 = Printed(
    f"{AUTHORS}, Tables 3 and 4",
    _COLUMNS,
    {"ResNet": TABLE_3.rows["ResNet"], **TABLE_4.rows},
    note="Table 3 prints ACSI-Net's accuracies for CoResNet; Table 4 has CoResNet's own.",
)

TABLE_5 = Printed(
    f"{AUTHORS}, Table 5",
    ("RAF-DB", "AffectNet-7"),
    {
        "gACNN": (85.07, None),
        "CPG": (None, 63.57),
        "Separate Loss": (86.38, None),
        "MA-Net": (86.34, 64.54),
        "OAENet": (86.50, None),
        "DACL": (87.78, 65.20),
        "HSNet": (86.67, None),
        "ACSI-Net": TABLE_4.rows["ACSI-Net"][3:],
    },
)

PAPER = Paper(
    AUTHORS,
    {
        "Table 1": TABLE_1,
        "Table 2": TABLE_2,
        "Tables 3 and 4": TABLES_3_AND_4,
        "Table 5": TABLE_5,
    },
)
