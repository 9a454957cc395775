"""Our recipes on both label sets."""

from ferstudio.models import list_models, model_entry
from training.recipes import get_recipe, list_recipes
from training.recipes.both import UNDIVIDED


def test_our_recipes_on_both_label_sets_differ_in_the_labels_alone() -> None:
    both = [name for name in list_recipes() if name.endswith(".both")]
    assert {name.split(".")[0] for name in both} == set(list_models()) - UNDIVIDED
    ours, votes = get_recipe("csinet.both"), get_recipe("csinet.ferplus")
    assert votes.changed(name=ours.name, labels="ferplus+fer2013") == ours
    assert (ours.label_sets, ours.label_counts) == (("ferplus", "fer2013"), (8, 7))
    assert (votes.label_sets, votes.label_counts) == (("ferplus",), (8,))


def test_two_label_sets_are_learned_by_networks_that_can_be_cut_apart() -> None:
    assert {name for name in list_models() if not model_entry(name).head.separable} == UNDIVIDED
