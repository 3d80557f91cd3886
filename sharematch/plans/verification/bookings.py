"""Whether a need's bookings are those it asks for: whole, in step, so many a day.

One need at a time, from its bookings in the plan alone.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np

from sharematch.core.columns.codes import NONE
from sharematch.core.eligibility.ways import Ways
from sharematch.plans.verification.units import PlanUnits
from sharematch.plans.verification.violation import Violation
from sharematch.text import Text, about

__all__ = ["BookingCheck"]


class BookingCheck:
    """Needs that are served in bookings, or in series that may lose dates."""

    def __init__(self, plan: PlanUnits, ways: Ways) -> None:
        self.plan, self.columns, self.arcs = plan, plan.columns, plan.arcs
        self.start, self.end = plan.spans
        self.place, self.ways = ways.places(plan.arcs), ways

    def violations(self, need: int) -> Iterator[Violation]:
        """Yield what one need's bookings do not keep."""
        columns = self.columns
        times, sessions = (
            int(columns.need_times[need]),
            int(columns.need_sessions[need]),
        )
        quantity = int(columns.need_quantity[need])
        booked = self.plan.places(need)
        partial = [i for i in booked if int(self.plan.units[i]) != quantity]
        if partial:
            text = Text("violation.bookings_are_whole", quantity=quantity)
            yield self._violation("whole", need, text)
        if self._overlap(booked):
            text = Text("violation.its_bookings_overlap")
            yield self._violation("times", need, text)
        if times > 1:
            yield from self._per_day(need, booked)
        if sessions == 1:
            if len(booked) > times:
                text = Text("violation.bookings_times", count=len(booked), times=times)
                yield self._violation("times", need, text)
            rests = times > 1 and columns.need_rest[need] > 0
            if rests and any(self.too_close(*p) for p in combinations(booked, 2)):
                yield self._violation("rest", need, self._rest_text(need))
        else:
            yield from self._series(need, booked)

    def _per_day(self, need: int, booked: Sequence[int]) -> Iterator[Violation]:
        columns = self.columns
        dates = Counter(columns.cells.date[self.arcs.cell[list(booked)]].tolist())
        most, per_day = max(dates.values(), default=0), int(columns.need_per_day[need])
        if most > per_day:
            text = Text("violation.bookings_a_day", count=most, per_day=per_day)
            yield self._violation("per_day", need, text)

    def _series(self, need: int, booked: Sequence[int]) -> Iterator[Violation]:
        """Yield why bookings are not so many series, each at one facility in step."""
        columns = self.columns
        times, every = int(columns.need_times[need]), int(columns.need_every[need])
        chains: dict[tuple[int, int], list[tuple[int, int]]] = {}
        for i in booked:
            facility = int(columns.slot_facility[self.arcs.slot[i]])
            phase, position = 0, len(chains.get((facility, 0), ()))
            if every != NONE:
                if not columns.slot_is_timed[self.arcs.slot[i]]:
                    text = Text(
                        "violation.sessions_do_not_start_every_minutes", minutes=every
                    )
                    yield self._violation("every", need, text)
                    return
                begin = columns.cells.starts(every, self.arcs.cell[[i]])[0]
                position, phase = divmod(int(begin), every)
            chains.setdefault((facility, phase), []).append((position, i))
        chained = [[i for _, i in chain] for chain in chains.values()]
        for series, other in combinations(chained, 2):
            if any(self.too_close(i, j) for i in series for j in other):
                yield self._violation("rest", need, self._rest_text(need))
                return
        needed = [self._num_series(need, sorted(chain)) for chain in chains.values()]
        if None in needed or sum(n or 0 for n in needed) > times:
            sessions = int(columns.need_sessions[need])
            least = int(columns.need_held_sessions[need])
            held = f"{sessions}" if least == sessions else f"{least}–{sessions}"
            text = Text(
                "violation.bookings_are_no_series",
                count=len(booked),
                times=times,
                held=held,
            )
            yield self._violation("sessions", need, text)

    def _num_series(self, need: int, chain: Sequence[tuple[int, int]]) -> int | None:
        """Return into how few series a chain can be cut, None if it cannot be."""
        cutting = _Cutting(self, need, chain)
        sessions = int(self.columns.need_sessions[need])
        for most in range(1, int(self.columns.need_times[need]) + 1):
            if most * sessions >= len(chain) and cutting.is_possible(most):
                return most
        return None

    def _overlap(self, booked: Sequence[int]) -> bool:
        """Return whether two of some bookings are at one time."""
        timed = self.columns.slot_is_timed[self.arcs.slot[list(booked)]]
        start, end = (x[list(booked)][timed] for x in (self.start, self.end))
        order = np.lexsort((end, start))
        latest = np.maximum.accumulate(end[order])
        return bool((start[order][1:] < latest[:-1]).any())

    def too_close(self, first: int, second: int) -> bool:
        """Return whether too little time is between two bookings of one need."""
        columns = self.columns
        rest_minutes = int(columns.need_rest[self.arcs.need[first]])
        if (
            not rest_minutes
            or not columns.slot_is_timed[self.arcs.slot[[first, second]]].all()
        ):
            return False
        return self.gap_is_short(first, second, rest_minutes)

    def gap_is_short(self, first: int, second: int, rest_minutes: int) -> bool:
        """Return whether two bookings, in whatever order, miss a rest and the way."""
        place, next_place = np.array([[self.place[first]], [self.place[second]]])
        after = rest_minutes + int(self.ways.minutes(place, next_place)[0])
        before = rest_minutes + int(self.ways.minutes(next_place, place)[0])
        return bool(
            self.start[second] < self.end[first] + after
            and self.start[first] < self.end[second] + before
        )

    def _rest_text(self, need: int) -> Text:
        rest_minutes = int(self.columns.need_rest[need])
        return Text("violation.too_little_rest", minutes=rest_minutes)

    def _violation(self, code: str, need: int, text: Text) -> Violation:
        name = self.columns.need_ids[need]
        return Violation(code, about(Text("violation.need", id=name), text), name)


class _Cutting:
    """Bookings of one chain, given to series in all ways that there are.

    Each goes into a series that has begun, or begins one. Those of different series
    keep their rest; those of one need not.
    """

    def __init__(
        self, check: BookingCheck, need: int, chain: Sequence[tuple[int, int]]
    ) -> None:
        columns = check.columns
        self.check, self.chain = check, chain
        self.sessions = int(columns.need_sessions[need])
        self.least = int(columns.need_held_sessions[need])
        self.in_step = columns.need_every[need] != NONE
        self.series: list[list[tuple[int, int]]] = []

    def is_possible(self, most: int, nth: int = 0) -> bool:
        """Return whether what comes from the nth on goes into so many series."""
        if nth == len(self.chain):
            return all(len(series) >= self.least for series in self.series)
        # Series begun first: with fewer of them the rest of the chain has more choice.
        item = self.chain[nth]
        close = [self._is_close(item, series) for series in self.series]
        for position, series in enumerate(self.series):
            others = close[:position] + close[position + 1 :]
            if self._fits(item, series) and not any(others):
                series.append(item)
                if self.is_possible(most, nth + 1):
                    return True
                series.pop()
        if len(self.series) == most or any(close):
            return False
        self.series.append([item])
        is_cut = self.is_possible(most, nth + 1)
        self.series.pop()
        return is_cut

    def _is_close(self, item: tuple[int, int], series: list[tuple[int, int]]) -> bool:
        return any(self.check.too_close(i, item[1]) for _, i in series)

    def _fits(self, item: tuple[int, int], series: list[tuple[int, int]]) -> bool:
        if len(series) == self.sessions:
            return False
        begin, last = series[0][0], series[-1][0]
        return not self.in_step or last < item[0] < begin + self.sessions
