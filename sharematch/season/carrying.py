"""Last season's plan as a baseline of the next: same place, weekday, clock time."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from numbers import Integral

import numpy as np

from sharematch.core.columns.codes import NONE
from sharematch.core.columns.encoding import encode
from sharematch.core.eligibility.arcs import reasons
from sharematch.core.eligibility.conditions import CODES
from sharematch.core.eligibility.moments import cells_of
from sharematch.errors import InputError
from sharematch.model.arguments import expect
from sharematch.model.instance import Instance
from sharematch.model.places import Slot
from sharematch.plans.allocation import Allocation, Assignment
from sharematch.plans.results.given import instance_first
from sharematch.plans.results.result import Result
from sharematch.text import Text

__all__ = ["Carried", "NotCarried", "carry"]


@dataclass(frozen=True, slots=True)
class NotCarried:
    """What of the earlier plan finds no place in the records as they are now.

    Parameters
    ----------
    assignment
        As it was.
    code
        ``need`` (it is no longer there), ``slot`` (nothing is open there at that time),
        ``untimed`` (it had no time), or the reason code of the pair, as of an arc.
    reason
        The code in words.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> result = sm.solve(town)
    >>> nobody = town.model_copy(update={"needs": []})
    >>> carried = sm.season.carry(result, 0, instance=nobody, earlier=town)
    >>> carried.missing[0].code
    'need'
    """

    assignment: Assignment
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Carried:
    """An earlier plan in the records as they are now, and what finds no place.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> result = sm.solve(town)
    >>> sm.season.carry(result, 0, instance=town).missing
    ()
    """

    plan: Allocation
    missing: tuple[NotCarried, ...]


@instance_first
def carry(
    plan: Result | Allocation,
    weeks: int = 52,
    *,
    instance: Instance | None = None,
    earlier: Instance | None = None,
) -> Carried:
    """Carry a plan over by whole weeks: same facility, weekday, and clock time.

    What it gives is a baseline, ``solve(instance, policy, baseline=carried.plan)``,
    for goals and rules about ``moved``. Whether all of it fits together is not asked.

    Parameters
    ----------
    plan
        The earlier plan.
    weeks
        From the earlier season to this one.
    instance
        The records as they are now; those of the earlier plan if left out.
    earlier
        The records of the earlier plan; those of its result if left out.

    Raises
    ------
    InputError
        For a plan whose records are not at hand.

    Examples
    --------
    >>> import sharematch as sm
    >>> def season(start: str, end: str) -> sm.Instance:
    ...     return sm.Instance(
    ...         communities=[sm.Community(id="tianfeng")],
    ...         facilities=[sm.Facility(id="hall", community="tianfeng")],
    ...         slots=[
    ...             sm.Slot(
    ...                 id=f"hall {start[:10]}",
    ...                 facility="hall",
    ...                 kinds=["dance"],
    ...                 capacity=1,
    ...                 start=start,
    ...                 end=end,
    ...                 step=30,
    ...             )
    ...         ],
    ...         needs=[
    ...             sm.Need(id="d", community="tianfeng", kind="dance", minutes=60)
    ...         ],
    ...     )
    >>> old = season("2026-09-01T18:00", "2026-09-01T22:00")
    >>> now = season("2027-08-31T17:00", "2027-08-31T21:00")
    >>> last = sm.Allocation([("hall 2026-09-01", "d", 1, "2026-09-01T18:30")])
    >>> carried = carry(last, 52, instance=now, earlier=old)
    >>> [f"{one.slot}, {one.start:%H:%M}" for one in carried.plan]
    ['hall 2027-08-31, 18:30']
    """
    expect(Result, Allocation, plan=plan)
    expect(Integral, weeks=weeks)
    expect(Instance, None, instance=instance)
    expect(Instance, None, earlier=earlier)
    known = plan.instance if isinstance(plan, Result) else None
    earlier = known if earlier is None else earlier
    if earlier is None:
        raise InputError(
            "season.the_draft_is_without_its_instance", hint="carry(…, earlier=…)"
        )
    given = plan.allocation if isinstance(plan, Result) else plan
    return _carried(given, timedelta(weeks=weeks), earlier, instance or earlier)


def _carried(
    plan: Allocation, later: timedelta, earlier: Instance, now: Instance
) -> Carried:
    slots = {slot.id: slot for slot in earlier.slots}
    asked = {need.id for need in now.needs}
    places = _Places(now)
    missing: list[NotCarried] = []
    moved: list[tuple[Assignment, list[Assignment]]] = []
    for assignment in plan:
        slot = slots[assignment.slot]
        if assignment.need not in asked:
            missing.append(
                NotCarried(assignment, "need", Text("season.no_longer_asked_for"))
            )
        elif slot.start is None:
            missing.append(
                NotCarried(assignment, "untimed", Text("season.it_had_no_time"))
            )
        elif ways := places.of(assignment, slot, later):
            moved.append((assignment, ways))
        else:
            missing.append(
                NotCarried(assignment, "slot", Text("season.nothing_is_open_then"))
            )
    codes = iter(_codes(now, [way for _, ways in moved for way in ways]))
    bookings = []
    for assignment, ways in moved:
        way_codes = [next(codes) for _ in ways]
        if -1 in way_codes:
            bookings.append(ways[way_codes.index(-1)])
        else:
            code = CODES[way_codes[0]]
            missing.append(NotCarried(assignment, code, Text(f"refused.{code}")))
    order = {(a.slot, a.need, a.start): i for i, a in enumerate(plan)}
    missing.sort(
        key=lambda m: order[m.assignment.slot, m.assignment.need, m.assignment.start]
    )
    return Carried(Allocation(bookings), tuple(missing))


def _codes(now: Instance, ways: list[Assignment]) -> list[int]:
    """Return what stands against each, -1 for nothing."""
    columns = encode(now)
    position = columns.position
    need = np.array([position["need"][way.need] for way in ways], np.int64)
    slot = np.array([position["slot"][way.slot] for way in ways], np.int64)
    cell = cells_of(columns, slot, [way.start for way in ways])
    code = np.full(len(ways), CODES.index("time"), np.int64)
    has_cell = cell != NONE  # else no booking begins then
    code[has_cell] = reasons(columns, need[has_cell], slot[has_cell], cell[has_cell])
    codes: list[int] = code.tolist()
    return codes


class _Places:
    """Slots by facility and date, as their own clocks show it."""

    def __init__(self, instance: Instance) -> None:
        self.slots: dict[tuple[str, date], list[Slot]] = {}
        for slot in instance.slots:
            if slot.start is None or slot.end is None:
                continue
            # Of an opening every date on which a booking may begin.
            last = slot.start if slot.step is None else slot.end
            for day in range((last.date() - slot.start.date()).days + 1):
                key = slot.facility, slot.start.date() + timedelta(days=day)
                self.slots.setdefault(key, []).append(slot)

    def of(
        self, assignment: Assignment, slot: Slot, later: timedelta
    ) -> list[Assignment]:
        """Return where a booking of an earlier slot may stand so much later."""
        begin = assignment.start or slot.start
        assert begin is not None
        start = begin.replace(tzinfo=None) + later
        end = None  # of a whole slot, which must be one as long
        if assignment.start is None and slot.end is not None:
            end = slot.end.replace(tzinfo=None) + later
        ways = []
        for place in self.slots.get((slot.facility, start.date()), ()):
            assert place.start is not None
            begin_there = start.replace(tzinfo=place.start.tzinfo)
            if place.step is not None:
                ways.append(
                    Assignment(
                        place.id, assignment.need, assignment.quantity, begin_there
                    )
                )
            elif place.start == begin_there and end in (None, _wall(place.end)):
                ways.append(Assignment(place.id, assignment.need, assignment.quantity))
        return ways


def _wall(time: datetime | None) -> datetime | None:
    return None if time is None else time.replace(tzinfo=None)
