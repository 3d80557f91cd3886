"""The ledger: what everybody asked for and got, round by round, and what of it counts.

Fairness over rounds needs nothing but `Past`: with it a fill rate is that of all rounds
together, and whoever got little before is lifted first.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any, Literal, overload

from sharematch.errors import InputError, Problem
from sharematch.model.arguments import typed
from sharematch.model.canonical import time_text
from sharematch.model.instance import Instance
from sharematch.model.needs import Past
from sharematch.model.numbers import exact, to_datetime
from sharematch.plans.allocation import Allocation
from sharematch.plans.results.given import instance_anywhere
from sharematch.text import Text

__all__ = ["Count", "Rule", "Used", "counts_of", "past_of", "used_of"]

Place = tuple[str, str, datetime | None]
"""Need, slot, and in an opening when the booking begins."""
Holder = tuple[str, str]
"""Whose count it is: ``community`` or ``person``, and the id."""


@dataclass(frozen=True, slots=True)
class Count:
    """What one community or person asked for, got and did not use in one round.

    Parameters
    ----------
    round
        The round's name.
    kind, id
        ``community`` or ``person``, and who.
    demand, served, unused
        Units; `unused` are part of `served`.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> result = sm.solve(town)
    >>> counts = sm.season.counts_of(town, "2026", result.allocation)
    >>> counts[0].round
    '2026'
    """

    round: str
    kind: Literal["community", "person"]
    id: str
    demand: int
    served: int
    unused: int = 0

    @property
    def holder(self) -> Holder:
        """Whose count it is."""
        return self.kind, self.id


@dataclass(frozen=True, slots=True)
class Used:
    """Units of one assignment, in an opening of one booking, that were really used.

    Examples
    --------
    >>> Used("elderly", "mon", 1)
    Used(need='elderly', slot='mon', used=1, start=None)
    """

    need: str
    slot: str
    used: int
    start: datetime | None = None
    """When the booking begins; may be left out where the need has one alone there."""

    def to_dict(self) -> dict[str, Any]:
        """Return the row as files have it; without a start where none is said."""
        row = {"need": self.need, "slot": self.slot, "used": self.used}
        return row | ({"start": time_text(self.start)} if self.start else {})


@dataclass(frozen=True, slots=True)
class Rule:
    """How much of earlier rounds counts.

    Parameters
    ----------
    window
        Only so many rounds before this one. None: all.
    decay
        What a round counts less with each round that has passed since: a round `k`
        rounds ago counts decay^(k-1). Exact; sums are rounded down to whole units.
    cap
        At most so many units of demand count, the served ones in proportion, so that
        a long history cannot outweigh the present. None: no cap.
    newcomers
        ``"none"``: who has no history starts with the present alone. ``"average"``:
        they are taken to have asked and got what others did on average.
    unused
        ``"served"``: a place that was given and not used counts as received.
        ``"returned"``: as neither asked for nor received.

    Raises
    ------
    InputError
        For a value out of its range.

    Examples
    --------
    >>> Rule(window=4, decay="0.5").window
    4
    """

    window: int | None = None
    decay: Fraction | str | float = Fraction(1)
    cap: int | None = None
    newcomers: Literal["none", "average"] = "none"
    unused: Literal["served", "returned"] = "served"

    def __post_init__(self) -> None:
        try:
            decay = exact(self.decay)
        except ValueError:
            raise _wrong("decay", self.decay, Text("value.must_be_a_number")) from None
        if not 0 < decay <= 1:
            raise _wrong("decay", self.decay, Text("value.must_be_above_0_and_at"))
        object.__setattr__(self, "decay", decay)
        for field in ("window", "cap"):
            value = getattr(self, field)
            if value is not None and value < 1:
                raise _wrong(field, value, Text("value.must_be_at_least", low=1))
        for field, known in (
            ("newcomers", ("none", "average")),
            ("unused", ("served", "returned")),
        ):
            if getattr(self, field) not in known:
                message = Text("value.must_be_one_of", known=", ".join(known))
                raise _wrong(field, getattr(self, field), message)

    def to_dict(self) -> dict[str, object]:
        """Return the rule as plain data, what is default left out."""
        data = {
            "window": self.window,
            "decay": None if self.decay == 1 else str(self.decay),
            "cap": self.cap,
            "newcomers": None if self.newcomers == "none" else self.newcomers,
            "unused": None if self.unused == "served" else self.unused,
        }
        return {key: value for key, value in data.items() if value is not None}


def _wrong(field: str, value: object, message: str) -> InputError:
    return InputError([Problem(message, "ledger", "", field, str(value))])


def used_of(items: Iterable[Any]) -> tuple[Used, ...]:
    """Return rows of usage from `Used` values or mappings with their fields.

    Raises
    ------
    InputError
        For a field that is missing or unknown, units that are no whole number, a start
        that is no time.
    """
    rows, problems = [], []
    for row, item in enumerate(items, 1):
        data = {**(item if isinstance(item, Mapping) else item.to_dict())}
        start = data.pop("start", None) or None
        if data.keys() != {"need", "slot", "used"}:
            message = Text("season.needs_need_slot_and_used_nothing")
            problems.append(Problem(message, "usage", str(row)))
        elif type(data["used"]) is not int or data["used"] < 0:
            message = Text("value.must_be_a_whole_number_0")
            value = str(data["used"])
            problems.append(Problem(message, "usage", str(row), "used", value))
        else:
            try:
                rows.append(
                    Used(**data, start=None if start is None else to_datetime(start))
                )
            except ValueError as error:
                value = str(start)[:60]
                message = error.args[0]
                problems.append(Problem(message, "usage", str(row), "start", value))
    if problems:
        raise InputError(problems)
    return tuple(rows)


@overload
def counts_of(
    instance: Instance,
    round: str,
    allocation: Allocation,
    usage: Iterable[Used] = (),
) -> tuple[Count, ...]: ...
@overload
def counts_of(
    round: str,
    instance: Instance,
    allocation: Allocation,
    usage: Iterable[Used] = (),
) -> tuple[Count, ...]: ...
@instance_anywhere
@typed
def counts_of(
    round: str,  # noqa: A002 (as in files)
    instance: Instance,
    allocation: Allocation,
    usage: Iterable[Used] = (),
) -> tuple[Count, ...]:
    """Return what everybody asked for, got and did not use, by kind and id.

    Raises
    ------
    InputError
        For use of what was not assigned, or of more than was.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> result = sm.solve(town)
    >>> counts = sm.season.counts_of(town, "2026", result.allocation)
    >>> sum(c.served for c in counts) == result.value("served")
    True
    """
    given = {(a.need, a.slot, a.start): a.quantity for a in allocation}
    starts = {slot.id: slot.start for slot in instance.slots}
    used = _checked(usage, given, starts)
    community, person = {}, {}
    for need in instance.needs:
        community[need.id] = need.community
        if need.person is not None:
            person[need.id] = need.person
    sums: dict[Holder, list[int]] = {}

    def add(need: str, position: int, units: int) -> None:
        holders = [("community", community[need])]
        if need in person:
            holders.append(("person", person[need]))
        for holder in holders:
            sums.setdefault(holder, [0, 0, 0])[position] += units

    for need in instance.needs:
        add(need.id, 0, need.quantity * need.times * need.sessions)
    for place, units in given.items():
        add(place[0], 1, units)
        add(place[0], 2, units - used.get(place, units))
    return tuple(
        Count(round, "community" if kind == "community" else "person", name, *units)
        for (kind, name), units in sorted(sums.items())
    )


def _checked(
    usage: Iterable[Used],
    given: dict[Place, int],
    begin: Mapping[str, datetime | None],
) -> dict[Place, int]:
    """Return the units used of each assignment; of one that is named twice, the last.

    A start is needed where a need has several bookings in an opening.
    """
    starts: dict[tuple[str, str], list[datetime | None]] = {}
    for need, slot, start in given:
        starts.setdefault((need, slot), []).append(start)
    used, problems = {}, []
    for row, use in enumerate(usage, 1):
        there = starts.get((use.need, use.slot), [])
        place = _place(use, there, begin.get(use.slot))
        most = given.get(place)
        if most is None:
            problems.append(_no_place(use, str(row), len(there)))
        elif not 0 <= use.used <= most:
            message = Text("batch.must_be_from_0_to", most=most)
            problems.append(Problem(message, "usage", str(row), "used", str(use.used)))
        used[place] = use.used
    if problems:
        raise InputError(problems)
    return used


def _place(use: Used, there: list[datetime | None], begin: datetime | None) -> Place:
    """Return what is meant, of all starts that a need has in a slot."""
    start = use.start
    if start is None and len(there) == 1:
        (start,) = there
    elif there == [None] and start == begin:
        start = None  # a slot's own start says nothing new
    return use.need, use.slot, start


def _no_place(use: Used, row: str, bookings: int) -> Problem:
    if bookings and use.start is None:
        message = Text("season.say_which_booking", n=bookings)
        return Problem(message, "usage", row, "start")
    message = Text("season.has_no_place_in", need=use.need, slot=use.slot)
    if use.start is None:
        return Problem(message, "usage", row)
    return Problem(message, "usage", row, "start", time_text(use.start))


@overload
def past_of(
    instance: Instance, rounds: Iterable[Iterable[Count]], rule: Rule | None = None
) -> tuple[Past, ...]: ...
@overload
def past_of(
    rounds: Iterable[Iterable[Count]],
    rule: Rule | None = None,
    instance: Instance | None = None,
) -> tuple[Past, ...]: ...
@instance_anywhere
@typed
def past_of(
    rounds: Iterable[Iterable[Count]],
    rule: Rule | None = None,
    instance: Instance | None = None,
) -> tuple[Past, ...]:
    """Return what counts of earlier rounds, one record each for whoever has a history.

    Parameters
    ----------
    rounds
        The counts of each round, the oldest first.
    rule
        All rounds in full if left out.
    instance
        The round to come. Only its communities and persons get a record, and
        newcomers can be told; without it, everybody does who was ever counted.

    Examples
    --------
    >>> first = [Count("spring", "community", "lianqiao", demand=10, served=2)]
    >>> second = [Count("summer", "community", "lianqiao", demand=6, served=3)]
    >>> past_of([first, second], Rule(decay="1/2"))
    (Past(community='lianqiao', served=4, demand=11),)
    """
    rule = Rule() if rule is None else rule
    sums: dict[Holder, tuple[Fraction, Fraction]] = {}
    for weight, counts in _weighted([tuple(counts) for counts in rounds], rule):
        for count in counts:
            returned = count.unused if rule.unused == "returned" else 0
            served, demand = sums.get(count.holder, (Fraction(0), Fraction(0)))
            sums[count.holder] = (
                served + weight * (count.served - returned),
                demand + weight * (count.demand - returned),
            )
    whole = {holder: _whole(*sum_, rule.cap) for holder, sum_ in sums.items()}
    if instance is not None:
        now = _holders(instance)
        if rule.newcomers == "average":
            whole = {**_averages(whole, now), **whole}
        whole = {holder: whole[holder] for holder in now if holder in whole}
    return tuple(
        Past(**{kind: name}, served=served, demand=demand)
        for (kind, name), (served, demand) in sorted(whole.items())
        if demand
    )


def _weighted(
    rounds: list[tuple[Count, ...]], rule: Rule
) -> Iterator[tuple[Fraction, tuple[Count, ...]]]:
    recent = rounds if rule.window is None else rounds[-rule.window :]
    for age, counts in enumerate(reversed(recent)):
        yield exact(rule.decay) ** age, counts


def _whole(served: Fraction, demand: Fraction, cap: int | None) -> tuple[int, int]:
    """Return sums in whole units, rounded down; served stays at most demand."""
    if cap is not None and demand > cap:
        served, demand = served * cap / demand, Fraction(cap)
    return int(served), int(demand)


def _holders(instance: Instance) -> list[Holder]:
    persons = {need.person for need in instance.needs if need.person is not None}
    return [
        *(("community", community.id) for community in instance.communities),
        *(("person", person) for person in sorted(persons)),
    ]


def _averages(
    known: dict[Holder, tuple[int, int]], now: list[Holder]
) -> dict[Holder, tuple[int, int]]:
    """Return for each holder what holders of its kind got on average."""
    average = {}
    for kind in ("community", "person"):
        sums = [sum_ for holder, sum_ in known.items() if holder[0] == kind and sum_[1]]
        if sums:
            served, demand = (
                sum(part) // len(sums) for part in zip(*sums, strict=True)
            )
            average[kind] = served, demand
    return {holder: average[holder[0]] for holder in now if holder[0] in average}
