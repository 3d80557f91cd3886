"""What follows from columns alone is worked out once for each instance."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from sharematch.core.columns.arrays import Columns

__all__ = ["once"]

Made = TypeVar("Made")


def once(function: Callable[[Columns], Made]) -> Callable[[Columns], Made]:
    """Keep what a function of columns returns with them, as their own properties are.

    It does not travel with them, and must not hold them: they would outlive their use.
    """
    name = f"{function.__module__}.{function.__qualname__}"

    @wraps(function)
    def kept(columns: Columns) -> Made:
        known = columns.__dict__
        if name not in known:
            known[name] = function(columns)
        made: Made = known[name]
        return made

    return kept
