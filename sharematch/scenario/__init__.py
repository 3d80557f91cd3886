"""The old-town scenario: an instance made from facts, and the story it tells."""

from sharematch.scenario.old_town import old_town
from sharematch.scenario.story import Story, tell

__all__ = ["Story", "old_town", "tell"]
