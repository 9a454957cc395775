"""Training recipes by name. Importing this package registers them all and builds no network."""

from training.recipes import both, fer2013, ferplus, papers
from training.recipes.recipe import Recipe, get_recipe, list_recipes, register_recipe
from training.recipes.settings import Augmentation

__all__ = [
    "Augmentation",
    "Recipe",
    "both",
    "fer2013",
    "ferplus",
    "get_recipe",
    "list_recipes",
    "papers",
    "register_recipe",
]
