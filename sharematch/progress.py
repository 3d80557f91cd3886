"""What `solve` tells while it works."""

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["OnProgress", "Progress", "Stop"]


@dataclass(frozen=True, slots=True)
class Progress:
    """One step of a solve.

    `phase` is "arcs", "lower", "goal", "verify" or "done"; for goals, `goal` counts
    from 1 to `num_goals` and `text` says which goal it is.
    """

    phase: str
    seconds: float
    goal: int = 0
    num_goals: int = 0
    text: str = ""


OnProgress = Callable[[Progress], None]


class Stop(Exception):  # noqa: N818 (a request, not an error)
    """Raised inside `on_progress`: `solve` returns the best plan found so far."""
