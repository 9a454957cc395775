"""What paper 5 prints: Chen and Chen, the context framework."""

from ferstudio.reported.printed import Paper, Printed

AUTHORS = "Chen & Chen"

_COLUMNS = ("FER2013", "Sta, FER2013", "CK+", "Sta, CK+")

TABLE_1 = Printed(
    f"{AUTHORS}, Table 1",
    _COLUMNS,
    {
        "1 VGG16": (69.79, 0.38, 92.14, 0.31),
        "2 multi-feature fusion": (71.53, 0.35, 93.01, 0.27),
        "3 + GCCA": (73.85, 0.34, 96.72, 0.24),
        "4 + partial decoder": (73.84, 0.26, 96.72, 0.16),
        "5 + reverse attention": (73.97, 0.25, 97.94, 0.13),
        "6 + joint loss": (74.08, 0.24, 98.66, 0.11),
    },
    note="Means and stability of ten runs. Section 3.4 exchanges the two sets' accuracies.",
)

SEARCH = Printed(
    f"{AUTHORS}, section 3.3 on Fig. 6",
    ("tried", "best"),
    {
        "λ1, at λ = 0.01": ("1, 2, … 10", "7"),
        "λ, at λ1 = 7": ("0.0005, 0.001, 0.005, 0.01, 0.05", "0.005"),
    },
    note="The accuracies are drawn only.",
)

RECALLS = Printed(
    f"{AUTHORS}, section 3.5 on Fig. 8",
    ("accuracy",),
    {"sadness": (55.98,), "fear": (61.01,)},
    note="The text prints these two of the matrix.",
)

TABLE_2 = Printed(
    f"{AUTHORS}, Table 2",
    _COLUMNS,
    {
        "Barman and Dutta": (48.75, 0.31, 92.15, 0.28),
        "Agarwal and Mukherjee": (51.14, 0.38, 93.47, 0.29),
        "Mollahosseini et al.": (58.72, 0.41, 95.36, 0.35),
        "Verma et al.": (69.44, 0.37, 96.17, 0.34),
        "Liu et al.": (72.01, 0.35, 96.49, 0.29),
        "context framework": TABLE_1.rows["6 + joint loss"],
    },
)

PAPER = Paper(
    AUTHORS,
    {"Fig. 6": SEARCH, "Table 1": TABLE_1, "Fig. 8": RECALLS, "Table 2": TABLE_2},
)
