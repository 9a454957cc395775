"""What paper 4 prints: Arabian, Battistel, Chase and Moeller, AGFER, Applied Sciences 13 (2023)."""

from ferstudio.reported.printed import Paper, Printed

AUTHORS = "Arabian et al. 2023"

TABLE_1 = Printed(
    f"{AUTHORS}, Table 1",
    ("OULU-CASIA", "after pre-processing", "FACES", "after pre-processing "),
    {
        "Anger": (1_790, 1_315, 342, 292),
        "Disgust": (1_633, 1_195, 342, 292),
        "Fear": (1_796, 1_503, 342, 303),
        "Happiness": (1_668, 1_502, 342, 338),
        "Neutral": (None, 1_219, 342, 330),
        "Sadness": (1_668, 1_200, 342, 317),
        "Surprise": (1_701, 1_365, None, None),
        "Total": (10_379, 9_299, 2_052, 1_872),
    },
    note="As printed: the original counts of OULU-CASIA add up to 10,256.",
)

MEANS = Printed(
    f"{AUTHORS}, section 3.2 on Fig. 7",
    ("mean", "±", "neutral"),
    {
        "AGFER": (89.19, 0.75, 58.32),
        "SEFER": (88.73, 0.91, 57.95),
        "CBAMFER": (89.77, 0.70, 58.53),
        "Base": (19.76, 2.49, None),
    },
    note="The networks with attention, on all emotions but neutral: more than 90.",
)

TABLE_2 = Printed(
    f"{AUTHORS}, Table 2",
    ("AGFER", "± AGFER", "Base", "± Base", "SEFER", "± SEFER", "CBAMFER", "± CBAMFER"),
    {
        "Young": (49.60, 0.95, 17.35, 0.45, 43.95, 8.89, 48.81, 3.36),
        "Middle-aged": (48.50, 1.30, 18.07, 0.43, 41.80, 7.57, 46.57, 4.71),
        "Old": (41.40, 1.92, 20.17, 0.50, 35.70, 4.66, 40.56, 6.92),
        "Mean": (46.50, 1.39, 18.53, 0.46, 40.48, 7.04, 45.31, 5.00),
    },
)

TABLE_3 = Printed(
    f"{AUTHORS}, Table 3",
    ("OULU-CASIA",),
    {
        "Jung et al.": (81.46,),
        "Haddad et al.": (84.17,),
        "Zhao et al.": (84.59,),
        "Yu et al. 2018a": (84.72,),
        "Yu et al. 2018b": (86.23,),
        "Ding et al.": (87.71,),
        "Yu et al. 2018a with LSTM": (88.98,),
        "AGFER": MEANS.rows["AGFER"][:1],
    },
)

TABLE_4 = Printed(
    f"{AUTHORS}, Table 4",
    ("AGFER", "± AGFER", "SEFER", "± SEFER", "CBAMFER", "± CBAMFER"),
    {
        "stride 32": (86.81, 0.64, 86.00, 0.74, 86.84, 1.69),
        "stride 16": tuple(
            value for name in ("AGFER", "SEFER", "CBAMFER") for value in MEANS.rows[name][:2]
        ),
    },
)

SPEED = Printed(
    f"{AUTHORS}, section 4",
    ("inference, Hz", "training", "drop on perturbed pictures, %"),
    {"AGFER": ("30", "2 h 35 min", "24"), "CBAMFER": ("25", "3 h 1 min", "24")},
    note="On an NVIDIA RTX A6000; the drop is an average for each model.",
)

PAPER = Paper(
    AUTHORS,
    {
        "Table 1": TABLE_1,
        "Fig. 7": MEANS,
        "Table 2": TABLE_2,
        "Table 3": TABLE_3,
        "Table 4": TABLE_4,
        "Section 4": SPEED,
    },
)
