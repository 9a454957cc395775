"""Curves follow the log, also of one epoch and of a rate that ends at nothing."""

import math
from dataclasses import replace

from ferstudio.plots.learning_curves import LearningLog, learning_curves_plot
from tests.plots.png import pixels


def log(*accuracies: float) -> LearningLog:
    """Return the log of so many epochs, the pictures larger from the third on."""
    count = len(accuracies)
    numbers = tuple(float(number) for number in range(1, count + 1))
    return LearningLog(
        epoch=numbers,
        size_px=tuple(64.0 if number < 3 else 80.0 for number in numbers),
        lr=tuple(0.1 / number**3 for number in numbers),
        loss=(1.5,) * count,
        valid_loss=(1.2,) * count,
        valid_accuracy=accuracies,
        train_accuracy=(math.nan,) * count,
    )


def test_curves_follow_the_log_on_a_light_sheet() -> None:
    content = learning_curves_plot(log(0.2, 0.6, 0.5, 0.55), "a run")
    first = pixels(content)
    height, width, _ = first.shape
    assert 700 < width < 1600 and 700 < height < 1800
    assert first.mean() > 230 and (first[0] == 255).all()  # light, with a margin
    assert learning_curves_plot(log(0.2, 0.6, 0.5, 0.55), "a run") == content
    changed = pixels(learning_curves_plot(log(0.2, 0.6, 0.5, 0.75), "a run"))
    assert changed.shape != first.shape or (changed != first).any()


def test_training_accuracy_is_a_second_line() -> None:
    both = replace(log(0.2, 0.6, 0.5), train_accuracy=(0.3, 0.5, 0.7))
    one, two = (pixels(learning_curves_plot(each, "a run")) for each in (log(0.2, 0.6, 0.5), both))
    assert one.shape != two.shape or (one != two).any()


def test_a_rate_that_ends_at_nothing_is_drawn() -> None:
    ending = replace(log(0.2, 0.6, 0.5), lr=(0.1, 0.01, 0.0))
    height, width, _ = pixels(learning_curves_plot(ending, "a run")).shape
    assert 700 < width < 1600 and 700 < height < 1800


def test_one_epoch_can_be_drawn() -> None:
    assert len(learning_curves_plot(log(0.3), "a run")) > 5000


def test_epochs_that_were_not_judged_are_bridged_not_drawn() -> None:
    nan = float("nan")
    sparse = replace(
        log(nan, 0.4, nan, 0.6, nan),
        valid_loss=(nan, 1.0, nan, 0.9, nan),
    )
    assert sparse.judged(sparse.valid_accuracy) == ([2.0, 4.0], [0.4, 0.6])
    other = replace(sparse, valid_accuracy=(nan, 0.4, nan, 0.5, nan))
    first, second = (pixels(learning_curves_plot(each, "a run")) for each in (sparse, other))
    assert first.shape != second.shape or (first != second).any()


def test_a_run_that_was_never_judged_shows_its_loss() -> None:
    nan = (float("nan"),) * 3
    unjudged = replace(log(0.1, 0.2, 0.3), valid_loss=nan, valid_accuracy=nan)
    assert unjudged.judged(unjudged.valid_loss) == ([], [])
    assert len(learning_curves_plot(unjudged, "a run")) > 5000
