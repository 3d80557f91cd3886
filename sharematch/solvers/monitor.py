"""What a search looks at and tells: time, work, progress, a wish to stop.

One solve has one `Run`, which knows what was told, and each phase a `Monitor` of it
with its own end:

    search     until the limit, in shares: of a goal, of a part, of bounds
    reasons    after the search, a little beyond the limit (`after`)

Work is a second clock, the same on every machine: it stands still until somebody says
what was done (`spend`). `UNWATCHED` is the null object: nothing ends it, and it tells
nobody.
"""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import inf
from threading import Event
from typing import Any, Literal

from sharematch.progress import OnProgress, Progress, Stop

__all__ = ["UNWATCHED", "Monitor", "Run"]

log = logging.getLogger("sharematch")

GRACE = 0.08
"""Share of the limit that is left for reasons and checks after it."""
AFTER, SHARE, LEAST = 60.0, 0.2, 1.0
"""Deterministic seconds for what follows a search; where its work is limited the share
of that, and what it has at least."""
LAST_LOOK = 1.5
"""Seconds for what is soon seen when somebody has ended a search."""
SPARED = 0.4
"""Share of the time left that is a search's own, whatever is spared for checks."""
TELL_EVERY = 0.2
"""Seconds after which a long goal is told of again."""


class Run:
    """What one solve has told so far, and the seconds of its phases.

    Parameters
    ----------
    limit
        Seconds after which it is over; None without a limit.
    goals
        Each goal in words.
    """

    def __init__(
        self,
        limit: float | None = None,
        on_progress: OnProgress | None = None,
        goals: Sequence[str] = (),
    ) -> None:
        self.begin = self.lap = self.told = time.perf_counter()
        self.limit, self.on_progress, self.goals = limit, on_progress, tuple(goals)
        self.effort: float | None = None
        self.timings: dict[str, float] = {}
        self.work = 0.0
        """Deterministic seconds of what counts its own work."""
        self.event = Progress("", 0.0)
        self.is_stopped = False
        self.stopped = inf
        """When that was asked for first."""
        self.gap: Fraction | None = None

    @property
    def end(self) -> float | None:
        """When the limit is over, on the clock of `perf_counter`."""
        return None if self.limit is None else self.begin + self.limit

    def enter(self, phase: str, **details: Any) -> None:
        """Begin a phase; raises what `on_progress` raises, Stop apart."""
        now = time.perf_counter()
        if self.event.phase:
            spent = self.timings.get(self.event.phase, 0.0)
            self.timings[self.event.phase] = spent + now - self.lap
        self.lap = now
        self.event = Progress(phase, now - self.begin, **details)
        log.debug("%s %s", phase, self.event.text)
        self._tell(now)

    def look(self) -> None:
        """Tell of a long phase again."""
        now = time.perf_counter()
        if now - self.told > TELL_EVERY:
            self._tell(now)

    def _tell(self, now: float) -> None:
        self.told = now
        if self.on_progress is None:
            return
        seconds, end = now - self.begin, self.end
        event = replace(
            self.event,
            seconds=seconds,
            gap=self.gap,
            remaining=None if end is None else max(end - now, 0.0),
            share=None if self.limit is None else min(seconds / self.limit, 1.0),
        )
        try:
            self.on_progress(event)
        except Stop:
            self.is_stopped = True
            self.stopped = min(self.stopped, time.perf_counter())


@dataclass(frozen=True)
class Monitor:
    """What a search looks at and tells.

    Attributes
    ----------
    run
        The solve it belongs to.
    end
        When it is over, on the clock of `perf_counter`; None without a limit.
    work_end
        The same on the clock of work; None where that is not limited.
    tells
        Everything; of ``goals`` only which one is begun; or nothing.
    ends
        Events that end it too, each with what is raised then.
    is_stoppable
        Whether a wish to stop ends it.
    """

    run: Run = field(default_factory=Run)
    end: float | None = None
    work_end: float | None = None
    tells: Literal["everything", "goals", "nothing"] = "everything"
    ends: tuple[tuple[Event, type[BaseException]], ...] = ()
    is_stoppable: bool = True

    @classmethod
    def of(
        cls,
        limit: float | None = None,
        on_progress: OnProgress | None = None,
        effort: float | None = None,
        goals: Sequence[str] = (),
    ) -> "Monitor":
        """Return the monitor of a new solve, which begins now.

        Examples
        --------
        >>> monitor = Monitor.of(limit=60)
        >>> monitor.share(0.5).remaining() <= 30 < monitor.remaining() <= 60
        True
        """
        run = Run(limit, on_progress, goals)
        run.effort = effort
        return cls(run, run.end, effort)  # work begins at 0

    # ---- looking at it

    def check(self) -> None:
        """Raise Stop when it is over, or `on_progress` asked for that."""
        self.run.look()
        if self.run.is_stopped and self.is_stoppable:
            raise Stop
        if self.work_end is not None and self.run.work >= self.work_end:
            raise Stop
        if self.end is not None and time.perf_counter() >= self.end:
            raise Stop
        for event, error in self.ends:
            if event.is_set():
                raise error

    def is_over(self) -> bool:
        """Return whether a search has to end."""
        try:
            self.check()
        except Stop:
            return True
        return False

    def remaining(self) -> float | None:
        """Return the seconds left, None without a limit."""
        return None if self.end is None else max(self.end - time.perf_counter(), 0.0)

    @property
    def effort(self) -> float | None:
        """The work left in deterministic seconds, None where it is not limited."""
        if self.work_end is None:
            return None
        return max(self.work_end - self.run.work, 0.0)

    @property
    def is_limited(self) -> bool:
        """Whether time or work are limited."""
        return self.end is not None or self.work_end is not None

    def spend(self, work: float) -> None:
        """Put the clock of work forward by deterministic seconds.

        Only where nothing else runs beside: else what is over would depend on chance.
        """
        self.run.work += work

    # ---- telling

    def enter(self, phase: str, **details: Any) -> None:
        """Begin a phase; raises what `on_progress` raises, Stop apart."""
        self.run.enter(phase, **details)

    def goal(self, position: int, *, gap: Fraction | None = None) -> None:
        """Begin a goal; raises Stop where there is no time for it.

        Nothing is told of goals beyond the policy's own, as turns are. `gap` is that of
        the goals before it, if it was not told.
        """
        self.check()
        if position and gap is not None:
            self.close(gap)
        goals, now = self.run.goals, self.run.event.goal
        if self.tells != "nothing" and now != position + 1 <= len(goals):
            self.run.enter(
                "goal", goal=position + 1, num_goals=len(goals), text=goals[position]
            )
            self.check()

    def close(self, gap: Fraction) -> None:
        """Take note of the gap of a goal that is done."""
        if self.tells == "everything":
            known = self.run.gap
            self.run.gap = gap if known is None else max(known, gap)

    def report(self, value: Any, bound: Any) -> None:
        """Take note of how far a goal is: its value so far, and its bound."""
        if self.tells == "everything":
            self.run.event = replace(self.run.event, value=value, bound=bound)

    # ---- others beside it

    def share(self, part: float) -> "Monitor":
        """Return one that ends after this part of the seconds and the work left."""
        end, effort = self.end, self.effort
        if end is not None:
            now = time.perf_counter()
            end = now + part * max(end - now, 0.0)
        shared = replace(self, end=end)
        return shared if effort is None else shared.within(part * effort)

    def sparing(self, seconds: float) -> "Monitor":
        """Return one that leaves so many seconds at the end, at most most of them."""
        if self.end is None:
            return self
        now = time.perf_counter()
        least = now + (self.end - now) * SPARED
        return replace(self, end=max(self.end - seconds, least))

    def at_least(self, seconds: float) -> "Monitor":
        """Return one with so many seconds, were it that the share left is shorter."""
        if self.end is None:
            return self
        return replace(self, end=max(self.end, time.perf_counter() + seconds))

    def within(self, effort: float | None) -> "Monitor":
        """Return one with so much work, whatever is left; None: as much as it takes."""
        work_end = None if effort is None else self.run.work + effort
        return replace(self, work_end=work_end)

    def until(self, event: Event, error: type[BaseException] = Stop) -> "Monitor":
        """Return one that an event ends too, by raising this; it tells nothing."""
        ends = (*self.ends, (event, error))
        return replace(self, ends=ends, work_end=None, tells="nothing")

    def aside(self) -> "Monitor":
        """Return one for what is no goal of the solve itself: it tells nothing."""
        return replace(self, tells="nothing")

    def to_the_end(self) -> "Monitor":
        """Return one for what is finished in any case; it tells of goals begun."""
        return replace(
            self, end=None, work_end=None, ends=(), is_stoppable=False, tells="goals"
        )

    def last_look(
        self, seconds: float | None = None, *, spared: float = 0.0
    ) -> "Monitor":
        """Return one for what is soon seen once a search has ended, whatever ended it.

        It has what is left of the limit, or a moment, and as much work as it takes.

        Parameters
        ----------
        seconds
            A moment after a wish to stop, `LAST_LOOK` if left out; after a limit it is
            a tenth of that.
        spared
            Seconds of it that are left for what follows, half of it at most.
        """
        seconds = LAST_LOOK if seconds is None else seconds
        seconds -= min(spared, seconds / 2)
        now, end = time.perf_counter(), self.run.end
        if self.run.is_stopped:
            end = self.run.stopped + seconds
        elif end is not None:
            end = max(end, now + seconds / 10)
        return replace(
            self, end=end, work_end=None, ends=(), is_stoppable=False, tells="nothing"
        )

    def finishing(self) -> "Monitor":
        """Return one for what finishes a plan, however much work the search has done.

        It has a share of the work that the whole has, or as much as is ever enough.
        """
        effort = self.run.effort
        work = AFTER if effort is None else min(max(SHARE * effort, LEAST), AFTER)
        return self.within(work)

    def after(self) -> "Monitor":
        """Return one for what follows the search, a tenth of the limit beyond it."""
        end, limit = self.run.end, self.run.limit
        if end is not None and limit is not None:
            end = max(end, time.perf_counter()) + GRACE * limit
        return replace(self.finishing(), end=end, tells="nothing")


UNWATCHED = Monitor(tells="nothing")
"""Nothing ends it, and it tells nobody."""
