"""The old-town scenario: an instance made from facts, and the story it tells."""

from sharematch.scenario.facts import old_town
from sharematch.scenario.story import Story, tell

__all__ = ["Story", "old_town", "tell"]
