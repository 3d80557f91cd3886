"""The old-town scenario: an instance made from facts, and the story it tells."""

from sharematch.datasets.old_town.facts import old_town
from sharematch.datasets.old_town.story import Story, tell

__all__ = ["Story", "old_town", "tell"]
