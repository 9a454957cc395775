"""Training recipes by name. Importing this package registers them all."""

from training.recipes import ferplus
from training.recipes.recipe import (
    Augmentation,
    Recipe,
    get_recipe,
    list_recipes,
    register_recipe,
)

__all__ = [
    "Augmentation",
    "Recipe",
    "ferplus",
    "get_recipe",
    "list_recipes",
    "register_recipe",
]
