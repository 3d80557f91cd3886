"""What a report tells, as counts and numbers; neither words nor pictures."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sharematch.claims import Finding, check_claims
from sharematch.core.admission import admitted_arcs
from sharematch.core.columns import NONE, SECTORS, Columns
from sharematch.core.encoding import encode
from sharematch.core.groups import sums
from sharematch.core.measures import Measures
from sharematch.model.instance import Instance
from sharematch.plan import positions_of
from sharematch.progress import Stop
from sharematch.report.counts import Counts, Key
from sharematch.result import Result
from sharematch.solvers.alone import served_alone
from sharematch.solvers.coupled import Watch

__all__ = ["Facts", "gather"]

Ints = NDArray[np.int64]

ALONE_SECONDS = 30
"""For what communities could be served alone, where that has to be searched for."""

REASONS = ("full", "goal", "rule", "coupled", "no_arc")


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
    findings: tuple[Finding, ...]
    hour: dict[int, int]
    """The hour at which timed slots in use start, local."""
    counts: Counts = field(default_factory=Counts)

    @property
    def has_plan(self) -> bool:
        """Whether there is a plan, if only an empty one."""
        return self.result.status.has_plan

    def rate(self, over: str, under: str, *key: str) -> Fraction | None:
        """Return a share of two counts; None where it is hidden or nobody asks."""
        part, whole = self.counts.shown(over, *key), self.counts.shown(under, *key)
        return Fraction(part, whole) if part is not None and whole else None

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
        at = {name: i for i, name in enumerate(self.kinds)}
        first = [at[kind.partition("/")[0]] for kind in self.columns.kinds]
        return np.array(first, np.int64)[self.columns.need_kind]

    @cached_property
    def flows(self) -> list[tuple[int, int, int]]:
        """Who lends to whom, as positions of communities, and how many units."""
        count = len(self.columns.community_ids)
        on = np.flatnonzero(self.lent)
        pair, at = np.unique(self.host[on] * count + self.home[on], return_inverse=True)
        units = sums(at, self.lent[on], len(pair))
        found = zip(
            (pair // count).tolist(),
            (pair % count).tolist(),
            units.tolist(),
            strict=True,
        )
        return sorted(found, key=lambda flow: (-flow[2], flow))

    @cached_property
    def days(self) -> list[tuple[int, int, int]]:
        """Day number, units in use and places of each day that has timed slots."""
        columns = self.columns
        date = np.where(columns.slot_is_timed, columns.slot_date, NONE)
        day, at = np.unique(date, return_inverse=True)
        places = sums(at, columns.slot_capacity, len(day))
        used = sums(at[self.slot], self.units, len(day))
        rows = zip(day.tolist(), used.tolist(), places.tolist(), strict=True)
        return [row for row in rows if row[0] != NONE]

    @cached_property
    def income(self) -> dict[str, Decimal]:
        """Fees that residents of other communities pay, by owner, "" where unknown."""
        columns = self.columns
        provider = columns.facility_provider[self.facility]
        fees = columns.slot_fee[self.slot] * self.lent
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
        cell, at = np.unique(place * width + date, return_inverse=True)
        units = sums(at, self.lent[on], len(cell))
        peak = np.zeros(len(self.kinds) * len(columns.community_ids), np.int64)
        np.maximum.at(peak, cell // width, units)
        table = peak.reshape(len(self.kinds), len(columns.community_ids))
        by_kind = table.sum(axis=1).tolist()
        return {k: n for k, n in zip(self.kinds, by_kind, strict=True) if n}


def gather(instance: Instance, result: Result, *, suppress_below: int = 0) -> Facts:
    """Return what a report tells of a result; small counts hidden on request."""
    columns = encode(instance)
    need, slot = positions_of(columns, result.allocation)
    alone = _alone(columns, result)
    facts = Facts(
        columns,
        result,
        need,
        slot,
        result.allocation.quantities,
        has_alone=alone is not None,
        findings=check_claims(instance, result),
        hour=_hours(instance, columns, slot),
    )
    if facts.has_plan:
        _count(facts, alone)
    if suppress_below:
        facts.counts.hide(suppress_below)
    return facts


def _alone(columns: Columns, result: Result) -> dict[str, int] | None:
    """Return what each community could be served by its own places alone, if known."""
    end = time.perf_counter() + ALONE_SECONDS

    def remaining() -> float:
        return max(end - time.perf_counter(), 0.0)

    def check() -> None:
        if not remaining():
            raise Stop

    arcs = admitted_arcs(columns, result.policy.rules)
    try:
        return served_alone(Measures(columns, arcs), Watch(check, Stop, remaining))
    except Stop:
        return None


def _hours(instance: Instance, columns: Columns, slots: Ints) -> dict[int, int]:
    used = {columns.slot_ids[slot] for slot in np.unique(slots).tolist()}
    at = columns.position["slot"]
    return {
        at[slot.id]: slot.start.hour
        for slot in instance.slots
        if slot.start is not None and slot.id in used
    }


# Counts: what there is to tell, and what adds up to what


def _count(facts: Facts, alone: dict[str, int] | None) -> None:
    columns, counts = facts.columns, facts.counts
    communities = columns.community_ids
    many = len(communities)
    _put(facts, "demand", communities, columns.need_community, columns.need_demand)
    _put(facts, "served", communities, facts.home, facts.units)
    _put(facts, "borrowed", communities, facts.home, facts.lent)
    _put(facts, "lent", communities, facts.host, facts.lent)
    _rest(facts, "unmet", "demand", "served", communities)
    _rest(facts, "own", "served", "borrowed", communities, is_implied=True)
    if alone is not None:
        _put(
            facts,
            "alone",
            communities,
            np.arange(many),
            np.array([alone[c] for c in communities], np.int64),
        )
        _rest(facts, "left_alone", "demand", "alone", communities, is_implied=True)
    _count_flows(facts)
    _put(facts, "demand of", facts.kinds, facts.need_kind, columns.need_demand)
    _put(facts, "served of", facts.kinds, facts.need_kind[facts.need], facts.units)
    _rest(facts, "unmet of", "demand of", "served of", facts.kinds)
    for family, one in (
        ("demand of", "demand"),
        ("served of", "served"),
        ("unmet of", "unmet"),
    ):
        counts.add((family,), [(one,)])
    _count_places(facts)
    _count_unmet(facts)
    days = [str(day) for day, _, _ in facts.days]
    for (_, used, _), day in zip(facts.days, days, strict=True):
        counts.values["day", day] = used
    timed = sum(used for _, used, _ in facts.days)
    counts.values["day",] = timed
    counts.values["untimed",] = counts.values["served",] - timed
    counts.add(("day",), [("day", day) for day in days])
    counts.add(("served",), [("day",), ("untimed",)])
    for kind, places in facts.places_saved.items():
        counts.values["saved", kind] = places
    counts.values["saved",] = sum(facts.places_saved.values())
    counts.implied |= {("saved", kind) for kind in facts.places_saved}
    counts.add(("saved",), [("saved", kind) for kind in facts.places_saved])
    _count_room(facts)


def _put(facts: Facts, name: str, ids: Sequence[str], code: Ints, units: Ints) -> None:
    """Count units by the codes of some ids, and in all."""
    counts, total = facts.counts, sums(code, units, len(ids))
    for one, value in zip(ids, total.tolist(), strict=True):
        counts.values[name, one] = value
    counts.values[name,] = int(total.sum())
    counts.add((name,), [(name, one) for one in ids])


def _rest(
    facts: Facts,
    name: str,
    whole: str,
    part: str,
    ids: Sequence[str],
    *,
    is_implied: bool = False,
) -> None:
    """Count what a part leaves of a whole, for each id and in all."""
    counts = facts.counts
    if is_implied:
        counts.implied |= {(name,), *((name, one) for one in ids)}
    for key in ((), *((one,) for one in ids)):
        counts.values[name, *key] = (
            counts.values[whole, *key] - counts.values[part, *key]
        )
        counts.add((whole, *key), [(part, *key), (name, *key)])
    counts.add((name,), [(name, one) for one in ids])


def _count_flows(facts: Facts) -> None:
    ids, counts = facts.columns.community_ids, facts.counts
    by_host: dict[str, list[tuple[str, str, str]]] = {}
    by_home: dict[str, list[tuple[str, str, str]]] = {}
    for host, home, units in facts.flows:
        key = "flow", ids[host], ids[home]
        counts.values[key] = units
        by_host.setdefault(ids[host], []).append(key)
        by_home.setdefault(ids[home], []).append(key)
    for one, keys in by_host.items():
        counts.add(("lent", one), keys)
    for one, keys in by_home.items():
        counts.add(("borrowed", one), keys)
    counts.add(("lent",), [("borrowed",)])


def _count_places(facts: Facts) -> None:
    """Count what facilities and owners give, and how much of it to others."""
    columns, counts = facts.columns, facts.counts
    names = columns.facility_ids
    _put(facts, "given at", names, facts.facility, facts.units)
    _put(facts, "lent at", names, facts.facility, facts.lent)
    _rest(facts, "kept at", "given at", "lent at", names, is_implied=True)
    counts.add(("given at",), [("served",)])
    host = columns.facility_community.tolist()
    at: dict[int, list[tuple[str, str]]] = {}
    for name, community in zip(names, host, strict=True):
        at.setdefault(community, []).append(("lent at", name))
    for community, keys in at.items():
        counts.add(("lent", columns.community_ids[community]), keys)
        kept = [("kept at", name) for _, name in keys]
        counts.add(("own", columns.community_ids[community]), kept)
    provider = columns.facility_provider
    owners = (*columns.provider_ids, "")
    code = np.where(provider == NONE, len(owners) - 1, provider)
    for family in ("given", "lent"):
        units = facts.units if family == "given" else facts.lent
        _put(facts, f"{family} by", owners, code[facts.facility], units)
        for owner, one in enumerate(owners):
            own = np.flatnonzero(code == owner).tolist()
            parts = [(f"{family} at", names[facility]) for facility in own]
            counts.add((f"{family} by", one), parts)
        counts.add((f"{family} by",), [(f"{family} at",)])


def _count_room(facts: Facts) -> None:
    """Count places, of which no more can be used than there are."""
    columns, counts = facts.columns, facts.counts
    room = sums(
        columns.slot_facility, columns.slot_capacity, len(columns.facility_ids)
    ).tolist()
    at: dict[int, list[Key]] = {}
    for f, name in enumerate(columns.facility_ids):
        counts.put_public(("places at", name), room[f])
        counts.cap(("given at", name), ("places at", name))
        at.setdefault(int(columns.facility_community[f]), []).append(
            ("places at", name)
        )
    for community, keys in at.items():
        one = columns.community_ids[community]
        own = "places of", one
        counts.put_public(own, sum(counts.values[k] for k in keys), is_implied=True)
        counts.add(own, keys)
        if facts.has_alone:
            counts.cap(("alone", one), own)
    for day, _, places in facts.days:
        counts.put_public(("places on", str(day)), places)
        counts.cap(("day", str(day)), ("places on", str(day)))
    timed = sum(places for _, _, places in facts.days)
    counts.put_public(("places",), sum(room), is_implied=True)
    counts.put_public(("places untimed",), sum(room) - timed, is_implied=True)
    counts.add(("places",), [("places at", name) for name in columns.facility_ids])
    on_days = [("places on", str(day)) for day, _, _ in facts.days]
    counts.add(("places",), [*on_days, ("places untimed",)])
    if len(facts.days) == 1 and counts.values["saved",] == counts.values["borrowed",]:
        counts.add(("saved",), [("borrowed",)])  # what is borrowed on the only day
    else:
        counts.cap(("saved",), ("borrowed",))


def _count_unmet(facts: Facts) -> None:
    counts = facts.counts
    for unmet in facts.result.unmet:
        key = "why", unmet.reason
        counts.values[key] = counts.values.get(key, 0) + unmet.quantity
    some = [r for r in REASONS if ("why", r) in counts.values]
    counts.add(("unmet",), [("why", reason) for reason in some])


def sector_of(columns: Columns, owner: str) -> str:
    """Return the sector of an owner, "" where it is not known."""
    at = columns.position["provider"].get(owner)
    return "" if at is None else SECTORS[columns.provider_sector[at]]
