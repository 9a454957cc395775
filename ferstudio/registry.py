"""Things that are asked for by name: networks, occluders, explainers, recipes."""

from typing import TypeVar

from ferstudio.errors import UnknownNameError

Thing = TypeVar("Thing")


class Registry(dict[str, Thing]):
    """Things of one kind by their names; a name that it lacks lists those that it has."""

    def __init__(self, kind: str, *, alphabetical: bool = False) -> None:
        """Begin empty.

        Args:
            kind: what the things are, for messages: "occluder".
            alphabetical: how names are listed; else in the order in which things were added.
        """
        super().__init__()
        self.kind = kind
        self.alphabetical = alphabetical

    def add(self, name: str, thing: Thing) -> Thing:
        """Keep `thing` under `name` for good and return it.

        Raises:
            ValueError: if the name is taken.
        """
        if name in self:
            raise ValueError(f"{self.kind} {name!r} is registered already")
        self[name] = thing
        return thing

    def names(self) -> list[str]:
        """Return all names."""
        return sorted(self) if self.alphabetical else list(self)

    def __missing__(self, name: str) -> Thing:
        """Say which names there are.

        Raises:
            UnknownNameError: always.
        """
        raise UnknownNameError(self.kind, name, self.names())
