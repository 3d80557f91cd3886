"""Records of what is asked for, what it costs where, and what was said and given."""

from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar, Literal

from sharematch.model import row_rules
from sharematch.model.base import Record, Ruled, Timed
from sharematch.model.fields import (
    Count,
    Day,
    Id,
    Kind,
    Label,
    Labels,
    Length,
    Location,
    Money,
    Ranked,
    Time,
    Units,
    YesNo,
)
from sharematch.model.windows import Windows

if TYPE_CHECKING:
    from sharematch.model.accepted import Amount, Date, Point, Spans, Texts, When

__all__ = [
    "Decision",
    "Need",
    "Pair",
    "Past",
]


class Need(Ruled):
    """So many units of one kind, asked for by people of one community.

    Parameters
    ----------
    id
        Unique among needs.
    name
        What people are shown in place of the id, if given.
    community
        Whose need it is.
    kind
        A path; slots of this kind, or of one below it, fit.
    quantity
        Units asked for; they may go to different slots.
    groups
        Labels of the people, such as ``elderly``.
    weight
        For the measure ``weighted_served``.
    location
        As of a community, whose location it has if left out.
    windows
        When it can come: a slot lies within one of them, dated or weekly as
        "mon-fri 16:00-20:00". Empty: at any time.
    max_travel
        The farthest it travels, in km or min.
    max_fee
        The most it pays for a unit.
    requires
        Features the facility must have.
    choices
        Slot or facility ids, the best first; no other is used. Empty: any.
    since, due
        Dates: when the wait began, by when it should be served.
    min_quantity
        At least so many units, or none.
    whole
        All units in one slot, or none.
    sessions
        `quantity` units in each of so many slots of one facility, all or nothing.
    every
        With sessions: minutes from each start to the next, 10080 for weekly. A
        multiple of 1440 is so many days later at the same clock time, also where clocks
        change in between.
    person
        A label: needs with it are never at two places at once.
    together
        A label: all needs with it sit in one slot, or none of them is served.
    minutes
        Given, it is served in bookings of this length without a break in one slot, each
        of all its `quantity` units at the same time.
    times
        So many such bookings, or with `sessions` series, each served or not; none of
        them overlap.
    per_day
        At most so many of its bookings begin on one date; with `times`.
    min_sessions
        With `every`: at least so many dates of a series are held. None: all.
    preferred
        Windows, the best first, as `windows`; for the measure ``unpreferred``.
    rest
        Minutes between its bookings or slots and others of the same `person`, and
        between its own `times`.
    people
        Heads it brings, whatever its quantity.

    Examples
    --------
    >>> Need(id="choir", community="junmiao", kind="culture", quantity=20).quantity
    20
    """

    _rules: ClassVar = row_rules.NEED

    id: Id
    name: Label | None = None
    community: Id
    kind: Kind
    quantity: Units = 1
    groups: Labels = frozenset()
    weight: Units = 1
    location: Location | None = None
    windows: Windows = ()
    max_travel: Length | None = None
    max_fee: Money | None = None
    requires: Labels = frozenset()
    choices: Ranked = ()
    since: Day | None = None
    due: Day | None = None
    min_quantity: Units = 0
    whole: YesNo = False
    sessions: Count = 1
    every: Count | None = None
    person: Label | None = None
    together: Label | None = None
    minutes: Count | None = None
    times: Count = 1
    per_day: Count = 1
    min_sessions: Count | None = None
    preferred: Windows = ()
    rest: Units = 0
    people: Units | None = None

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            id: str,
            name: str | None = ...,
            community: str,
            kind: str,
            quantity: int = ...,
            groups: Texts = ...,
            weight: int = ...,
            location: Point | None = ...,
            windows: Spans = ...,
            max_travel: Amount | None = ...,
            max_fee: Amount | None = ...,
            requires: Texts = ...,
            choices: Texts = ...,
            since: Date | None = ...,
            due: Date | None = ...,
            min_quantity: int = ...,
            whole: bool = ...,
            sessions: int = ...,
            every: int | None = ...,
            person: str | None = ...,
            together: str | None = ...,
            minutes: int | None = ...,
            times: int = ...,
            per_day: int = ...,
            min_sessions: int | None = ...,
            preferred: Spans = ...,
            rest: int = ...,
            people: int | None = ...,
        ) -> None: ...


class Pair(Record):
    """Price and size of one need in one slot.

    Parameters
    ----------
    need, slot
        Ids; a pair that may not be matched has no effect.
    cost
        Money per unit, on top of the slot's.
    units
        Capacity that one unit of the need takes there.

    Examples
    --------
    >>> Pair(need="tap", slot="plumber-mon", cost="12.50").cost
    Decimal('12.50')
    """

    need: Id
    slot: Id
    cost: Money = Decimal("0.00")
    units: Count = 1

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            need: str,
            slot: str,
            cost: Amount = ...,
            units: int = ...,
        ) -> None: ...


class Past(Ruled):
    """What a community or a person asked for and got in earlier rounds.

    Parameters
    ----------
    community, person
        One of the two.
    served, demand
        Units; they enter fill rates by community, area and person.

    Examples
    --------
    >>> Past(community="lianqiao", served=2, demand=10).served
    2
    """

    _rules: ClassVar = row_rules.PAST

    community: Id | None = None
    person: Label | None = None
    served: Units
    demand: Units

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            community: str | None = ...,
            person: str | None = ...,
            served: int,
            demand: int,
        ) -> None: ...


class Decision(Timed):
    """What was already said about one need in one slot.

    Parameters
    ----------
    need, slot
        Ids.
    status
        ``pinned`` and ``accepted`` stay; ``declined`` and ``forbidden`` must not be.
    quantity
        For what stays: at least so many units. None: the whole demand.
    start
        In an opening: when the booking begins. None, for what must not be: all starts.

    Examples
    --------
    >>> Decision(need="choir", slot="hall-tue", status="declined").status
    'declined'
    """

    _times: ClassVar[tuple[str, ...]] = ("start",)

    need: Id
    slot: Id
    status: Literal["pinned", "accepted", "declined", "forbidden"]
    quantity: Units | None = None
    start: Time | None = None

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            need: str,
            slot: str,
            status: Literal["pinned", "accepted", "declined", "forbidden"],
            quantity: int | None = ...,
            start: When | None = ...,
        ) -> None: ...
