"""What `solve` tells while it works."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

__all__ = ["OnProgress", "Progress", "Stop"]


@dataclass(frozen=True, slots=True)
class Progress:
    """One step of a solve.

    Attributes
    ----------
    phase
        "arcs", "lower", "goal", "verify", "conflict" or "done".
    seconds
        Since the solve began.
    goal, num_goals, text
        For goals: which one it is, counted from 1, of how many, and in words.
    gap
        The largest gap of the goals that are done; None before the first.
    remaining
        Seconds left; None without a limit.
    value, bound
        Inside a goal that is searched for: the best so far and what no plan exceeds,
        in the measure's smallest unit; of a sorted vector its first entry that may
        still change. None where nothing is known yet.
    share
        How much of the limit is over, from 0 to 1; None without a limit.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> phases = []
    >>> _ = sm.solve(town, on_progress=lambda progress: phases.append(progress.phase))
    >>> phases[-1]
    'done'
    """

    phase: str
    seconds: float
    goal: int = 0
    num_goals: int = 0
    text: str = ""
    gap: Fraction | None = None
    remaining: float | None = None
    value: Fraction | None = None
    bound: Fraction | None = None
    share: float | None = None


OnProgress = Callable[[Progress], None]


class Stop(Exception):  # noqa: N818 (a request, not an error)
    """Raised inside `on_progress`: `solve` returns the best plan found so far.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> def at_once(progress):
    ...     if progress.phase == "goal":
    ...         raise Stop
    >>> sm.solve(town, on_progress=at_once).status.has_plan
    True
    """
