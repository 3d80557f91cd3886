"""A solve's clock: phases and their times, progress told, the limit, a wish to stop."""

import logging
import time
from dataclasses import replace
from fractions import Fraction
from typing import Any

from sharematch.progress import OnProgress, Progress, Stop
from sharematch.solvers.coupled import Watch

__all__ = ["Clock"]

log = logging.getLogger("sharematch")

GRACE = 0.08
"""Share of the limit that is left for reasons and checks after it."""
TELL_EVERY = 0.2
"""Seconds after which a long goal is told of again."""


class Clock:
    """Times phases, tells progress, keeps the limit and the wish to stop."""

    def __init__(
        self,
        limit: float | None,
        on_progress: OnProgress | None,
        effort: float | None = None,
    ) -> None:
        self.begin = self.lap = self.told = time.perf_counter()
        self.limit, self.effort = limit, effort
        self.on_progress = on_progress
        self.timings: dict[str, float] = {}
        self.event = Progress("", 0.0)
        self.stopped = False
        self.gap: Fraction | None = None

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

    def _tell(self, now: float) -> None:
        self.told = now
        if self.on_progress is None:
            return
        try:
            left, seconds = self.remaining(), now - self.begin
            share = None if self.limit is None else min(seconds / self.limit, 1.0)
            event = replace(
                self.event, seconds=seconds, gap=self.gap, remaining=left, share=share
            )
            self.on_progress(event)
        except Stop:
            self.stopped = True

    def check(self) -> None:
        """Raise Stop when the time is over or `on_progress` asked for it."""
        now = time.perf_counter()
        if now - self.told > TELL_EVERY:
            self._tell(now)
        left = self.remaining()
        if self.stopped or (left is not None and left <= 0):
            raise Stop

    def note(self, gap: Fraction) -> None:
        """Take note of the gap of a goal that is done."""
        self.gap = gap if self.gap is None else max(self.gap, gap)

    def remaining(self) -> float | None:
        """Return the seconds left, None without a limit."""
        if self.limit is None:
            return None
        return max(self.limit - (time.perf_counter() - self.begin), 0.0)

    def report(self, value: Any, bound: Any) -> None:
        """Take note of how far a goal is."""
        self.event = replace(self.event, value=value, bound=bound)

    @property
    def watch(self) -> Watch:
        """What searches look at."""
        return Watch(
            self.check, Stop, self.remaining, self.note, self.report, self.effort
        )

    @property
    def finish(self) -> Watch:
        """What is looked at after the search: it may take a tenth of the limit more."""
        end = None
        if self.limit is not None:
            now = time.perf_counter()
            end = max(self.begin + self.limit, now) + GRACE * self.limit

        def remaining() -> float | None:
            return None if end is None else max(end - time.perf_counter(), 0.0)

        def check() -> None:
            now = time.perf_counter()
            if now - self.told > TELL_EVERY:
                self._tell(now)
            if self.stopped or (end is not None and now > end):
                raise Stop

        return Watch(check, Stop, remaining)
