"""What was measured here, beside what papers print: tables, confusions, curves. Pure functions."""

import statistics
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from markupsafe import Markup

from ferstudio.labels import described, label_set
from ferstudio.models import model_entry
from ferstudio.occlusion.bars import MASKS
from ferstudio.reported import ABLATIONS, Printed
from ferstudio.results import Result, Row
from ferstudio.sentences.sentence import joined
from ferstudio.ui.parts.confusion import confusion_table
from ferstudio.ui.tabs.papers import words
from ferstudio.ui.tabs.papers.facts import (
    NOT_MEASURED,
    NOT_TRAINED,
    Cell,
    Facts,
    Table,
    accuracy_cell,
)
from ferstudio.ui.tabs.papers.settings import setting_texts
from ferstudio.ui.templates import render

Here = Callable[[Facts], Markup]
"""Makes the side of an exhibit that was measured here."""


def html(table: Table) -> Markup:
    """Return a table as HTML."""
    return render("papers/table.html", table=table)


def printed_table(printed: Printed) -> Markup:
    """Return what a paper prints as HTML."""
    rows = [
        (name, [Cell(printed.text(value)) for value in values])
        for name, values in printed.rows.items()
    ]
    return html(Table(("", *printed.columns), rows, printed.note))


def missing() -> Markup:
    """Return that something wasn't measured."""
    return render("papers/missing.html", text=words.NOT_MEASURED)


def accuracies(networks: Mapping[str, tuple[str, str]]) -> Here:
    """Return the accuracy of trained networks on all faces of every data set, from their cards.

    Args:
        networks: registry name, and the label set that always has a column, by what the paper
            calls the row.
    """

    def here(facts: Facts) -> Markup:
        known = [facts.trained(network) for network, _ in networks.values()]
        sets = dict.fromkeys(labels for _, labels in networks.values())
        sets |= dict.fromkeys(labels for each in known for labels in each)
        rows = [
            (row, [_clean(facts, network, labels) for labels in sets])
            for row, (network, _) in networks.items()
        ]
        return html(Table(("", *map(_accuracy_on, sets)), rows))

    return here


def lists(facts: Facts) -> Markup:
    """Return CSINet's and a plain network's accuracy on lists of validation faces."""
    rows = []
    for network in ("resnet50", "resnet18", "csinet"):
        cells = [Cell(words.NO_LIST, missing=True)]
        cells += [facts.on_list(network, subset) for subset in ("pose30", "pose45")]
        rows.append((model_entry(network).title, cells))
    heads = [f"{name}, {described('ferplus').title}" for name in words.LISTS]
    return html(Table(("", *heads), rows, words.LISTS_NOTE))


def ablation(family: str, rows: Mapping[str, str] | None = None) -> Here:
    """Return a family's rows, all trained alike, as far as they were measured.

    Args:
        family: the family.
        rows: names of its rows by what a table calls them; all by their own names where None.
    """
    shown = rows or {name: name for name in ABLATIONS[family].rows}

    def here(facts: Facts) -> Markup:
        studies = _studies(facts, family)
        cells = [
            (
                title,
                [
                    cell
                    for study in studies
                    for cell in (facts.measured_in(study, name), _epochs(study, name))
                ],
            )
            for title, name in shown.items()
        ]
        heads = [head for study in studies for head in (_accuracy_head(study), "epochs")]
        return html(Table(("", *heads), cells, _alike(studies)))

    return here


def costs_and_accuracy(facts: Facts) -> Markup:
    """Return paper 2's Tables 3 and 4 in one: parameters, multiply-adds, time, accuracy."""
    networks = {
        "ResNet": "resnet18",
        "CoResNet": "coresnet18",
        "CoResNet_CA-a": "coresnet18_ca_a",
        "CoResNet_CA-b": "coresnet18_ca_b",
        "ACSI-Net": "acsinet",
    }
    studies, costs = _studies(facts, "acsinet"), facts.results.find("costs", "networks")
    rows = []
    for name, network in networks.items():
        found = facts.row("costs", "networks", network)
        cells = [NOT_MEASURED] * 3 if found is None else _costs(*found)
        rows.append((name, [*cells, *(facts.measured_in(each, name) for each in studies)]))
    head = ("", "parameters, M", "GMACs", "ms", *map(_accuracy_head, studies))
    timed = "" if costs is None else f"{costs.protocol}; {costs.data}."
    return html(Table(head, rows, " ".join(filter(None, (timed, _alike(studies))))))


def contextual_widths(facts: Facts) -> Markup:  # noqa: ARG001  the code itself says it
    """Return the widths of the contextual convolutions as the code has them."""
    from ferstudio.models.acsinet import CONTEXT_WIDTHS

    rows = [
        (f"stage {stage}", [Cell(str(len(widths))), Cell(", ".join(map(str, widths)))])
        for stage, widths in enumerate(CONTEXT_WIDTHS.values(), start=1)
    ]
    rows.append(("stage 4", [Cell("1"), Cell("512")]))
    return html(Table(("", "level", "widths"), rows))


def class_counts(*columns: str) -> Here:
    """Return how many faces of each emotion there are, in both label sets.

    Args:
        columns: which counts, by their names in `QUANTITIES`.
    """

    def here(facts: Facts) -> Markup:
        found = [facts.results.find("class-counts", labels) for labels in ("fer2013", "ferplus")]
        tables = [html(_counts(each, columns)) for each in found if each is not None]
        return Markup("").join(tables) if tables else missing()

    return here


def distribution(facts: Facts) -> Markup:
    """Return the training faces before and after balancing as bars (paper 3, Fig. 7)."""
    found = facts.results.find("class-counts", "fer2013")
    if found is None:
        return missing()
    most = max(row.values["train_balanced"] for row in found.rows)
    rows = [
        {
            "name": row.name,
            "bars": [
                (row.values[name] / most, f"{row.values[name]:,.0f}", word)
                for name, word in (("train", words.BEFORE), ("train_balanced", words.AFTER))
            ],
        }
        for row in found.rows
    ]
    return render("papers/bars.html", rows=rows, keys=(words.BEFORE, words.AFTER))


def masks(facts: Facts) -> Markup:
    """Return the accuracies under the four masks and the mean drop, from the cards."""
    rows = []
    asked = ("resnet18", "acsinet", "csinet")
    sets = dict.fromkeys(["ferplus", *(labels for name in asked for labels in facts.trained(name))])
    for network, labels in ((network, labels) for labels in sets for network in asked):
        found, name = facts.scores(network, labels), model_entry(network).title
        title = f"{name}, {described(labels).title}"
        if found is None or found.clean is None:
            if labels == "ferplus":
                rows.append((title, [NOT_TRAINED] * (len(MASKS) + 2)))
            continue
        covered = [found.covered.get(name) for name in MASKS]
        cells = [NOT_MEASURED if s is None else Cell(_percent(s.accuracy)) for s in covered]
        drop = found.mean_drop
        cells += [
            Cell(_percent(found.clean.accuracy), words.counted(found.clean.n)),
            NOT_MEASURED if drop is None else Cell(_percent(drop)),
        ]
        rows.append((title, cells))
    return html(Table(("", *MASKS, "no mask", "drop"), rows, words.MASKS_NOTE))


def confusion(network: str, labels: str) -> Here:
    """Return a network's confusion matrices on validation faces, from its cards.

    Args:
        network: its registry name.
        labels: the label set that comes first; those of other weights follow.
    """

    def here(facts: Facts) -> Markup:
        shown = []
        for each in facts.trained(network, labels):
            found = facts.scores(network, each)
            if found is None or found.clean is None:
                continue
            note = f"{found.model.title}, {described(each).title}, {words.counted(found.clean.n)}"
            matrix = confusion_table(found.clean.confusion, found.clean.labels)
            shown.append(render("papers/noted.html", shown=matrix, note=note))
        return Markup("").join(shown) if shown else missing()

    return here


def curves(*recipes: str) -> Here:
    """Return accuracy on training and validation faces by epoch of the first recipe measured."""

    def here(facts: Facts) -> Markup:
        found = [facts.results.find("curves", name) for name in recipes]
        result = next((each for each in found if each is not None), None)
        return missing() if result is None else _curves(result)

    return here


def photographs(facts: Facts) -> Markup:
    """Return the share of photographs recognised by emotion and network (paper 1, Fig. 11)."""
    found = next(
        (each for each in facts.results.of("photographs") if each.labels == "ferplus"), None
    )
    if found is None:
        return missing()
    labels = label_set(found.labels)
    shown = [row for row in found.rows if row.confusion is not None]
    counts = np.array(shown[0].confusion).sum(axis=1)
    emotions = [name for name, count in zip(labels, counts, strict=True) if count]
    rows = []
    for row in shown:
        recalls = _recalls(row, labels)
        cells = [Cell(_percent(recalls[name])) for name in emotions]
        rows.append((facts.title(row.name), [facts.accuracy_of(found, row), *cells]))
    heads = [f"{name} ({counts[labels.index(name)]})" for name in emotions]
    missed = [row.values["missed"] for row in shown if row.values.get("missed")]
    note = words.photographs_note(shown[0].n, int(max(missed, default=0)))
    if lacking := [name for name in labels if name not in emotions]:
        note += f" There are none of {joined(lacking)}."
    return html(Table(("", "all", *heads), rows, note))


def folds(*recipes: str) -> Here:
    """Return recall by emotion over folds, mean ± s.d., a row per network (paper 4, Fig. 7)."""

    def here(facts: Facts) -> Markup:
        labels, rows = label_set("fer2013"), []
        for name in recipes:
            found = facts.results.find("crossval", name)
            if found is None:
                title = model_entry(name.partition(".")[0]).title
                rows.append((title, [NOT_MEASURED, *[Cell("")] * len(labels)]))
                continue
            labels, made = label_set(found.labels), found.rows[0].made_from
            each = [_recalls(row, labels) for row in found.rows]
            cells = [_spread([recalls[emotion] for recalls in each]) for emotion in labels]
            rows.append((made, [_spread([r.values["accuracy"] for r in found.rows]), *cells]))
        return html(Table(("", "mean", *labels), rows, words.MEAN_SD))

    return here


def summed_confusions(*recipes: str) -> Here:
    """Return the confusion matrix of all folds together (paper 4, Fig. 8), one per recipe."""

    def here(facts: Facts) -> Markup:
        known = [facts.results.find("crossval", name) for name in recipes]
        shown = [_summed(found) for found in known if found is not None]
        return Markup("").join(shown) if shown else missing()

    return here


def stability(facts: Facts) -> Markup:
    """Return paper 5's Table 1 here: the ablation's rows with their spread over seeds.

    Studies of stability alone stand below, each with its recipe.
    """
    studies = _studies(facts, "vgg16_gcca")
    rows = [
        (
            name,
            [
                cell
                for study in studies
                for cell in (facts.measured_in(study, name), _sta(study, name))
            ],
        )
        for name in ABLATIONS["vgg16_gcca"].rows
    ]
    for study in facts.results.of("stability"):
        whole = study.row("all")
        if whole is not None:
            rows.append((whole.made_from, [facts.accuracy_of(study, whole), _sta(study, "all")]))
    heads = [head for study in studies for head in (_accuracy_head(study), words.STA)]
    note = " ".join(filter(None, (words.STA_NOTE, _alike(studies))))
    return html(Table(("", *heads), rows, note))


def search(facts: Facts) -> Markup:
    """Return what the search of λ and λ1 scored (paper 5, Fig. 6)."""
    found = facts.results.of("lambda-search")
    if not found:
        return missing()
    rows = [
        (
            f"λ {row.values['island_weight']:g}, λ1 {row.values['separation']:g}",
            [facts.accuracy_of(found[0], row)],
        )
        for row in found[0].rows
    ]
    return html(Table(("", _accuracy_head(found[0])), rows, found[0].rows[0].made_from))


def speed(facts: Facts) -> Markup:
    """Return pictures a second, minutes of training, and the drop on worse pictures."""
    rows = []
    for network in ("agfer", "cbamfer"):
        found = facts.row("costs", "networks", network)
        model = facts.model(f"{network}.ferplus")
        hertz = NOT_MEASURED
        if found is not None:
            hertz = Cell(f"{1000 / found[1].values['ms']:.1f}", f"one core; {found[0].protocol}")
        trained = "" if model is None else setting_texts(model.recipe)[words.TRAINING_TIME]
        time = Cell(trained, words.TRAINING_TIME_TIP) if trained else NOT_MEASURED
        title = model_entry(network).title
        rows.append((title, [hertz, time, *(_drop(facts, network, n) for n in _WORSE)]))
    heads = [f"drop, {name}" for name in _WORSE]
    return html(Table(("", "inference, Hz", "training", *heads), rows, _DROP_NOTE))


def settings(network: str) -> Here:
    """Return how a network was trained, from its cards: weights of one training in one column.

    Args:
        network: its registry name.
    """

    def here(facts: Facts) -> Markup:
        known = [
            (described(labels).title, setting_texts(each.recipe, each.model))
            for labels, each in facts.trained(network, "ferplus").items()
        ]
        if not known:
            return missing()
        columns = [
            (", ".join(name for name, same in known if same == texts), texts)
            for index, (_, texts) in enumerate(known)
            if texts not in (earlier for _, earlier in known[:index])
        ]
        rows = [
            (row, [Cell(texts[row]) for _, texts in columns])
            for row in columns[0][1]
            if any(texts[row] for _, texts in columns)
        ]
        shown = html(Table(("", *(names for names, _ in columns)), rows))
        return render("papers/noted.html", shown=shown, note=words.RECIPE_NOTE)

    return here


_WORSE = ("noise", "blur", "jpeg")
_DROP_NOTE = (
    "Points lost on pictures made worse at half amount; the paper's perturbations were made "
    "against another model, and aren't at hand."
)


SAMPLE = "ferplus valid sample 600"
"""The faces on which worse pictures are judged, as results call them."""


def _drop(facts: Facts, network: str, change: str) -> Cell:
    """Return the points lost, where both were measured of the same weights on the same faces."""
    name = f"{network}.ferplus"
    clean = facts.row("evaluation", SAMPLE, name)
    worse = facts.row("evaluation", f"{SAMPLE} {change} 0.5", name)
    if clean is None or worse is None:
        return NOT_MEASURED
    (_, before), (result, after) = clean, worse
    if (before.made_from, before.n) != (after.made_from, after.n):
        return NOT_MEASURED
    points = 100 * (before.values["accuracy"] - after.values["accuracy"])
    text = f"{points:.1f}, {words.STALE}" if facts.replaced(after) else f"{points:.1f}"
    return Cell(text, f"{words.counted(after.n)}; {words.made_by(result.command, after.made_from)}")


def _sta(result: Result | None, name: str) -> Cell:
    """Return the spread of a row over seeds in points, where there are several."""
    row = None if result is None else result.row(name)
    if result is None or row is None or "sta" not in row.values:
        return NOT_MEASURED
    tip = words.made_by(result.command, row.made_from)
    return Cell(f"{100 * row.values['sta']:.2f}", tip)


def _summed(found: Result) -> Markup:
    matrix = np.sum([np.array(row.confusion) for row in found.rows], axis=0)
    note = f"{found.rows[0].made_from}; {words.SUMMED}, {words.counted(int(matrix.sum()))}"
    shown = confusion_table(matrix, label_set(found.labels))
    return render("papers/noted.html", shown=shown, note=note)


def _clean(facts: Facts, network: str, labels: str) -> Cell:
    found = facts.scores(network, labels)
    if found is None or found.clean is None:
        return NOT_TRAINED
    score = found.clean
    values = {"accuracy": score.accuracy, "ci95": score.ci95, "n": score.n}
    return accuracy_cell(values, f"card of {found.model.name}")


def _accuracy_head(found: Result | None) -> str:
    """Return what stands above a study's accuracies: what they were judged on, where it was run."""
    if found is None:
        return words.ACCURACY
    return _accuracy_on(found.labels)


def _accuracy_on(labels: str) -> str:
    return f"{described(labels).title}, {words.ACCURACY}"


def _studies(facts: Facts, family: str) -> Sequence[Result | None]:
    """Return a family's ablations, one for each data set; None alone where there is none."""
    return facts.results.variants("ablation", family) or (None,)


def _alike(studies: Sequence[Result | None]) -> str:
    """Return how studies' rows were trained and judged, in sentences; "" where none was run."""
    texts = []
    for found in studies:
        if found is not None:
            judged = words.counted(max(row.n for row in found.rows))
            texts.append(f"{found.terms.replace('`', '').removesuffix('.')}; {judged}.")
    return " ".join(texts)


def _epochs(found: Result | None, name: str) -> Cell:
    row = None if found is None else found.row(name)
    if row is None or "epochs" not in row.values:
        return Cell("")
    return Cell(f"{row.values['epochs']:.0f}", row.made_from)


def _costs(result: Result, row: Row) -> list[Cell]:
    values, tip = row.values, words.made_by(result.command, row.made_from)
    quartiles = f"{values['ms_low']:.0f} to {values['ms_high']:.0f} ms, {row.n} passes"
    return [
        Cell(f"{values['parameters_1000'] / 1e6:.2f}", tip),
        Cell(f"{values['multiply_adds_1000'] / 1e9:.2f}", tip),
        Cell(f"{values['ms']:.0f}", quartiles),
    ]


def _counts(result: Result, columns: Sequence[str]) -> Table:
    titles = {
        "train": "train", "valid": "validation", "test": "test", "train_found": "train, found",
        "train_balanced": "train, balanced", "weight": "weight",
    }  # fmt: skip
    known = [name for name in columns if all(name in row.values for row in result.rows)]
    rows = [
        (row.name, [Cell(f"{row.values[name]:,.{2 * (name == 'weight')}f}") for name in known])
        for row in result.rows
    ]
    sums = [sum(row.values[name] for row in result.rows) for name in known]
    rows.append(
        (
            "total",
            [Cell("" if n == "weight" else f"{s:,.0f}") for n, s in zip(known, sums, strict=True)],
        )
    )
    return Table((result.data, *(titles[name] for name in known)), rows)


def _curves(result: Result) -> Markup:
    last = max(row.values["epoch"] for row in result.rows)
    lines = []
    for name, word in (("train_accuracy", words.TRAINING), ("accuracy", words.VALIDATION)):
        points = [(r.values["epoch"], r.values[name]) for r in result.rows if name in r.values]
        if points:
            path = " ".join(f"{300 * x / last:.1f},{150 - 150 * y:.1f}" for x, y in points)
            end = f"{word} {_percent(points[-1][1])} %"
            lines.append({"name": name, "points": path, "end": end})
    network = model_entry(result.about.partition(".")[0]).title
    note = f"{network}, {result.data}. {result.note}"
    return render("papers/curves.html", lines=lines, note=note, last=f"{last:.0f}", words=words)


def _recalls(row: Row, labels: Sequence[str]) -> dict[str, float]:
    counts = np.array(row.confusion)
    totals = np.maximum(counts.sum(axis=1), 1)
    return dict(zip(labels, (np.diag(counts) / totals).tolist(), strict=True))


def _spread(values: Sequence[float]) -> Cell:
    return Cell(f"{100 * statistics.fmean(values):.1f} ± {100 * statistics.pstdev(values):.1f}")


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"
