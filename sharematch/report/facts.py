"""What a report tells, as counts and numbers; neither words nor pictures."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.charges import fee_of
from sharematch.core.columns.codes import NONE, SECTORS
from sharematch.core.columns.encoding import encode
from sharematch.core.columns.integers import sums
from sharematch.core.columns.labels import Label, labels
from sharematch.core.measures.admission import admitted_arcs
from sharematch.core.measures.measures import Measures
from sharematch.model.instance import Instance
from sharematch.plans.allocation import Allocation
from sharematch.plans.auditing.judging import judge
from sharematch.plans.auditing.verdict import Verdict
from sharematch.plans.bookings import Booking, bookings_of
from sharematch.plans.repeating import timed
from sharematch.plans.results.plan import positions_of
from sharematch.plans.results.result import Result
from sharematch.progress import Stop
from sharematch.report.counting import count
from sharematch.report.counts import Counts
from sharematch.solvers.monitor import Monitor
from sharematch.solvers.standalone import served_alone

__all__ = ["Facts", "Opening", "gather"]

Ints = NDArray[np.int64]

ALONE_SECONDS = 30
"""For what communities could be served alone, where that has to be searched for."""


@dataclass(frozen=True, slots=True)
class Opening:
    """When a facility is open, and for how much at each moment."""

    facility: str
    start: datetime
    end: datetime
    capacity: int


@dataclass(frozen=True)
class Facts:
    """A plan by community, kind, owner, facility and day.

    `counts` has units under keys such as ``("served", "tianfeng")`` and totals under
    ``("served",)``: what is hidden there must not be told by other numbers either.
    """

    columns: Columns
    result: Result
    need: Ints
    slot: Ints
    units: Ints
    """The plan: aligned positions and units."""
    has_alone: bool
    verdict: Verdict
    in_use: dict[tuple[int, int], int]
    """Places in use by hour and weekday, local, all weeks added up."""
    counts: Counts = field(default_factory=Counts)
    bookings: tuple[Booking, ...] = ()
    """By facility and start; none where small counts are hidden: each names a need."""
    openings: tuple[Opening, ...] = ()
    """Of facilities in which bookings could be."""

    @property
    def has_plan(self) -> bool:
        """Whether there is a plan, if only an empty one."""
        return self.result.status.has_plan

    def rate(self, over: str, under: str, *key: str) -> Fraction | None:
        """Return a share of two counts; None where it is hidden or nobody asks."""
        part, whole = self.counts.shown(over, *key), self.counts.shown(under, *key)
        return Fraction(part, whole) if part is not None and whole else None

    @cached_property
    def label(self) -> Label:
        """What people are shown for a record, by type and id."""
        return labels(self.columns)

    # Positions of the plan's rows

    @cached_property
    def home(self) -> Ints:
        """The community of each need."""
        return self.columns.need_community[self.need]

    @cached_property
    def facility(self) -> Ints:
        """The facility of each slot."""
        return self.columns.slot_facility[self.slot]

    @cached_property
    def host(self) -> Ints:
        """The community of each facility."""
        return self.columns.facility_community[self.facility]

    @cached_property
    def lent(self) -> Ints:
        """Units that go to another community."""
        return np.where(self.home == self.host, 0, self.units)

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """First parts of kinds."""
        return tuple(sorted({kind.partition("/")[0] for kind in self.columns.kinds}))

    @cached_property
    def need_kind(self) -> Ints:
        """For each need the position among `kinds`."""
        kind_position = {name: i for i, name in enumerate(self.kinds)}
        first = [kind_position[kind.partition("/")[0]] for kind in self.columns.kinds]
        return np.array(first, np.int64)[self.columns.need_kind]

    @cached_property
    def flows(self) -> list[tuple[int, int, int]]:
        """Who lends to whom, as positions of communities, and how many units."""
        count = len(self.columns.community_ids)
        on = np.flatnonzero(self.lent)
        pair, pair_of = np.unique(
            self.host[on] * count + self.home[on], return_inverse=True
        )
        units = sums(pair_of, self.lent[on], len(pair))
        lendings = zip(
            (pair // count).tolist(),
            (pair % count).tolist(),
            units.tolist(),
            strict=True,
        )
        return sorted(lendings, key=lambda flow: (-flow[2], flow))

    @cached_property
    def days(self) -> list[tuple[int, int, int]]:
        """Day number, units in use and places of each day that has timed slots."""
        columns = self.columns
        date = np.where(columns.slot_is_timed, columns.slot_date, NONE)
        day, day_of = np.unique(date, return_inverse=True)
        places = sums(day_of, columns.slot_capacity, len(day))
        used = sums(day_of[self.slot], self.units, len(day))
        rows = zip(day.tolist(), used.tolist(), places.tolist(), strict=True)
        return [row for row in rows if row[0] != NONE]

    @cached_property
    def income(self) -> dict[str, Decimal]:
        """Fees that residents of other communities pay, by owner, "" where unknown."""
        columns = self.columns
        provider = columns.facility_provider[self.facility]
        fees = fee_of(columns, self.need, self.slot) * self.lent
        count = len(columns.provider_ids)
        total = sums(np.where(provider == NONE, count, provider), fees, count + 1)
        names = (*columns.provider_ids, "")
        return {
            name: Decimal(amount).scaleb(-2)
            for name, amount in zip(names, total.tolist(), strict=True)
            if amount
        }

    @cached_property
    def places_saved(self) -> dict[str, int]:
        """Places that need not be built, by kind of service.

        For each community the most that its residents borrow on any one day, added up;
        what comes to the home needs no place, and untimed use has no day.
        """
        columns = self.columns
        on = (self.lent > 0) & (columns.slot_radius[self.slot] == NONE)
        on &= columns.slot_is_timed[self.slot]
        kind, home = self.need_kind[self.need[on]], self.home[on]
        place = kind * len(columns.community_ids) + home
        date = columns.slot_date[self.slot[on]]
        width = int(date.max(initial=0)) + 1
        cell, cell_of = np.unique(place * width + date, return_inverse=True)
        units = sums(cell_of, self.lent[on], len(cell))
        peak = np.zeros(len(self.kinds) * len(columns.community_ids), np.int64)
        np.maximum.at(peak, cell // width, units)
        table = peak.reshape(len(self.kinds), len(columns.community_ids))
        by_kind = table.sum(axis=1).tolist()
        return {k: n for k, n in zip(self.kinds, by_kind, strict=True) if n}


def gather(instance: Instance, result: Result, *, suppress_below: int = 0) -> Facts:
    """Return what a report tells of a result; small counts hidden on request."""
    columns = encode(instance)
    need, slot, _ = positions_of(columns, result.allocation)
    alone = _alone(columns, result)
    facts = Facts(
        columns,
        result,
        need,
        slot,
        result.allocation.quantities,
        has_alone=alone is not None,
        verdict=judge(instance, result),
        in_use=_in_use(instance, result.allocation),
        bookings=() if suppress_below else bookings_of(instance, result.allocation),
        openings=_openings(instance),
    )
    if facts.has_plan:
        count(facts, alone)
    if suppress_below:
        facts.counts.hide(suppress_below)
    return facts


def _alone(columns: Columns, result: Result) -> dict[str, int] | None:
    """Return what each community could be served by its own places alone, if known."""
    arcs = admitted_arcs(columns, result.policy.rules)
    try:
        return served_alone(Measures(columns, arcs), Monitor.of(ALONE_SECONDS))
    except Stop:
        return None


def _openings(instance: Instance) -> tuple[Opening, ...]:
    """Return when facilities with openings, or needs with a length, are open."""
    has_lengths = any(need.minutes is not None for need in instance.needs)
    return tuple(
        Opening(slot.facility, slot.start, slot.end, slot.capacity)
        for slot in instance.slots
        if slot.start is not None
        and slot.end is not None
        and (has_lengths or slot.step is not None)
    )


def _in_use(instance: Instance, plan: Allocation) -> dict[tuple[int, int], int]:
    """Return places in use in each hour of each weekday that a booking touches.

    What lasts longer than a day, such as a plot for a season, counts where it starts.
    """
    spans: Counter[tuple[datetime, datetime]] = Counter()
    for booking in timed(instance, plan):
        spans[booking.start, booking.end] += booking.quantity
    in_use: Counter[tuple[int, int]] = Counter()
    for (start, end), units in spans.items():
        first = start.replace(tzinfo=None, minute=0)
        minutes = (end.replace(tzinfo=None) - first) // timedelta(minutes=1)
        num_hours = max(-(-minutes // 60), 1)
        for n in range(num_hours if num_hours <= 25 else 1):
            hour = first + timedelta(hours=n)
            in_use[hour.hour, hour.weekday()] += units
    return dict(in_use)


def sector_of(columns: Columns, owner: str) -> str:
    """Return the sector of an owner, "" where it is not known."""
    provider = columns.position["provider"].get(owner)
    return "" if provider is None else SECTORS[columns.provider_sector[provider]]
