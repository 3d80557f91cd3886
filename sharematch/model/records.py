"""The records of an instance: frozen, checked one by one when they are made.

What a record says about another (an id that must exist, a tier's name) is checked by
`sharematch.model.checks`, which sees them all.
"""

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Discriminator, Tag

from sharematch.model import row_rules
from sharematch.model.base import Record, Ruled
from sharematch.model.fields import (
    Count,
    Day,
    Heads,
    Id,
    Kind,
    Kinds,
    Label,
    Labels,
    Length,
    Location,
    Money,
    Positive,
    Ranked,
    Tier,
    Time,
    Units,
    Weekly,
    YesNo,
    as_windows,
    kind_of_window,
)
from sharematch.model.prices import NO_PRICES, Prices

__all__ = [
    "COLLECTIONS",
    "REFERENCES",
    "Area",
    "Community",
    "Decision",
    "Facility",
    "Link",
    "Need",
    "Pair",
    "Past",
    "Provider",
    "Slot",
    "Travel",
    "Window",
]


if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime, timedelta

    # What records accept; what they hold is said by their fields.
    Texts = Iterable[str]
    Amount = Decimal | int | float | str
    When = datetime | str
    Date = date | str
    Point = Iterable[float]
    Spans = Iterable["Window | str | tuple[When, When] | Mapping[str, When]"]
    Fees = Mapping[str, Amount]


class _Timed(Ruled):  # noqa: PLW1641 (pydantic adds it to what is frozen)
    """A record with times; another is equal if its times are written alike.

    Python takes times of one instant for equal, but their days may differ.
    """

    _times: ClassVar[tuple[str, ...]] = ("start", "end")

    def __eq__(self, other: object) -> bool:
        same = super().__eq__(other)
        return same if same is not True else _offsets(self) == _offsets(other)


def _offsets(record: Any) -> "list[timedelta | None]":
    times = [getattr(record, name) for name in record._times]  # noqa: SLF001 (its own)
    return [time and time.utcoffset() for time in times]


class Window(_Timed):
    """A span of time, `start` to `end`.

    Parameters
    ----------
    start, end
        Times (ISO 8601 as text); all of an instance with a zone, or all without.

    Examples
    --------
    >>> Window(start="2026-12-07T09:00", end="2026-12-07T12:00").start.hour
    9
    """

    _rules: ClassVar = row_rules.WINDOW

    start: Time
    end: Time

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            start: When,
            end: When,
        ) -> None: ...


AnyWindow = Annotated[
    Annotated[Window, Tag("dated")] | Annotated[Weekly, Tag("weekly")],
    Discriminator(kind_of_window),
]
Windows = Annotated[tuple[AnyWindow, ...], as_windows]


class Area(Record):
    """A part of the town at some `level`, such as a subdistrict in a district.

    Parameters
    ----------
    id
        Unique among areas.
    name
        What people are shown in place of the id, if given.
    level
        The name of its level; all areas of one level stand equally high.
    parent
        The area it lies in, one level up.

    Examples
    --------
    >>> Area(id="yuehu", level="subdistrict", parent="haishu")
    Area(id='yuehu', level='subdistrict', parent='haishu')
    """

    id: Id
    name: Label | None = None
    level: Label
    parent: Id | None = None

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            id: str,
            name: str | None = ...,
            level: str,
            parent: str | None = ...,
        ) -> None: ...


class Community(Record):
    """People who live together: the side that needs, and often also lends.

    Parameters
    ----------
    id
        Unique among communities.
    name
        What people are shown in place of the id, if given.
    area
        An area of the lowest level. Where areas exist, a community without one shares
        with nobody.
    location
        (lon, lat) in degrees, or (x, y) in km on a plane.
    population
        Persons; for goals per head.
    tags
        Labels that filters can name, such as ``old``.
    entitlement
        What it may expect, in any unit; for goals per entitlement.

    Examples
    --------
    >>> Community(id="lianqiao", tags={"old"}, population=5300).population
    5300
    """

    id: Id
    name: Label | None = None
    area: Id | None = None
    location: Location | None = None
    population: Units | None = None
    tags: Labels = frozenset()
    entitlement: Length | None = None

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            id: str,
            name: str | None = ...,
            area: str | None = ...,
            location: Point | None = ...,
            population: int | None = ...,
            tags: Texts = ...,
            entitlement: Amount | None = ...,
        ) -> None: ...


class Provider(Record):
    """Who runs facilities: an owner with its sector.

    Parameters
    ----------
    id
        Unique among providers.
    name
        What people are shown in place of the id, if given.
    sector
        ``public``, ``host``, ``volunteer`` or ``market``.
    community
        Where it belongs, if anywhere.

    Examples
    --------
    >>> Provider(id="hospital", sector="host").sector
    'host'
    """

    id: Id
    name: Label | None = None
    sector: Literal["public", "host", "volunteer", "market"]
    community: Id | None = None

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            id: str,
            name: str | None = ...,
            sector: Literal["public", "host", "volunteer", "market"],
            community: str | None = ...,
        ) -> None: ...


class Facility(Ruled):
    """A place, or a team, that offers slots.

    Parameters
    ----------
    id
        Unique among facilities.
    name
        What people are shown in place of the id, if given.
    community
        Its own community.
    provider
        Who runs it.
    location
        As of a community, whose location it has if left out.
    features
        What it has, such as ``step-free``.
    closed
        Windows of the host's own use, dated or weekly as "mon-fri 8:00-16:00": no
        overlapping slot is shared in them.
    max_units
        The most units over all its slots in the whole horizon, against wear.
    share
        The widest tier it is open to: ``"own"``, a level's name or a number. None: all.
    opening_cost
        Money, due once if any of its slots is used.
    setup
        Minutes after a booking in an opening in which its units stay taken, rounded up
        to steps of the opening.
    consent
        ``ask``, or ``standing``: the host has agreed beforehand and is not asked.
    parts
        Names of what the capacity of its openings counts, such as ``A``, ``B``, ``C``
        of a hall; assignments name parts that lie together.

    Examples
    --------
    >>> Facility(id="station", community="tianfeng", share="own").share
    'own'
    """

    _rules: ClassVar = row_rules.FACILITY

    id: Id
    name: Label | None = None
    community: Id
    provider: Id | None = None
    location: Location | None = None
    features: Labels = frozenset()
    closed: Windows = ()
    max_units: Units | None = None
    share: Tier | None = None
    opening_cost: Money = Decimal("0.00")
    setup: Units = 0
    consent: Literal["ask", "standing"] = "ask"
    parts: Ranked = ()

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            id: str,
            name: str | None = ...,
            community: str,
            provider: str | None = ...,
            location: Point | None = ...,
            features: Texts = ...,
            closed: Spans = ...,
            max_units: int | None = ...,
            share: int | str | None = ...,
            opening_cost: Amount = ...,
            setup: int = ...,
            consent: Literal["ask", "standing"] = ...,
            parts: Texts = ...,
        ) -> None: ...


class Slot(_Timed):
    """So many places at a facility, for some kinds of need, perhaps at some time.

    Parameters
    ----------
    id
        Unique among slots.
    name
        What people are shown in place of the id, if given.
    facility
        Where it is.
    kinds
        Paths such as ``health/check``, one at least; a need of kind ``health`` fits.
    capacity
        Places, in units.
    start, end
        Both or neither; a slot without them fits any window.
    reserve
        Units of `capacity` that only needs of the facility's own community may use.
    fee, staff_fee
        Money per unit that residents pay, and that the host's own staff pay.
    unit_cost
        Money per unit, to the provider.
    opening_cost
        Money, due once if the slot is used.
    min_units
        Used by at least so many units, or by none.
    either
        A label: of all slots with it at most one is used.
    share
        Replaces the facility's, if given.
    groups
        Open only to needs with one of these. Empty: to all.
    radius
        Given, the service travels to the need, at most so far (km or min).
    step
        Minutes; given, the slot is an opening: a booking may begin at `start` and every
        so many minutes after it.
    people
        How many heads a need may bring: ``10-30``, ``-30`` or ``10-``.
    concessions
        What needs of a group pay for a unit, by group: the least of `fee` and these.

    Examples
    --------
    >>> Slot(id="mon", facility="station", kinds=["health/check"], capacity=3).capacity
    3
    """

    _rules: ClassVar = row_rules.SLOT

    id: Id
    name: Label | None = None
    facility: Id
    kinds: Kinds
    capacity: Units
    start: Time | None = None
    end: Time | None = None
    reserve: Units = 0
    fee: Money = Decimal("0.00")
    staff_fee: Money | None = None
    unit_cost: Money = Decimal("0.00")
    opening_cost: Money = Decimal("0.00")
    min_units: Units = 0
    either: Label | None = None
    share: Tier | None = None
    groups: Labels = frozenset()
    radius: Length | None = None
    step: Count | None = None
    people: Heads | None = None
    concessions: Prices = NO_PRICES

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            id: str,
            name: str | None = ...,
            facility: str,
            kinds: Texts,
            capacity: int,
            start: When | None = ...,
            end: When | None = ...,
            reserve: int = ...,
            fee: Amount = ...,
            staff_fee: Amount | None = ...,
            unit_cost: Amount = ...,
            opening_cost: Amount = ...,
            min_units: int = ...,
            either: str | None = ...,
            share: int | str | None = ...,
            groups: Texts = ...,
            radius: Amount | None = ...,
            step: int | None = ...,
            people: str | None = ...,
            concessions: Fees = ...,
        ) -> None: ...


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


class Link(Record):
    """A way between two communities or facilities.

    Parameters
    ----------
    source, target
        Ids of communities or facilities.
    travel
        Length in km or min.
    two_way
        Whether it can be gone back as well.

    Examples
    --------
    >>> Link(source="tianfeng", target="lianqiao", travel="0.8").two_way
    True
    """

    source: Id
    target: Id
    travel: Length
    two_way: YesNo = True

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            source: str,
            target: str,
            travel: Amount,
            two_way: bool = ...,
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


class Decision(_Timed):
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


class Travel(Ruled):
    """How distances are measured.

    Parameters
    ----------
    unit
        Of lengths in records: ``km``, or ``min``.
    metric
        ``geo``: great circle between (lon, lat); ``plane``: straight between (x, y).
    detour
        What straight distances are multiplied by.
    speed
        In km/h; makes minutes of distances.

    Examples
    --------
    >>> Travel(unit="min", speed=4).unit
    'min'
    """

    _rules: ClassVar = row_rules.TRAVEL

    unit: Literal["km", "min"] = "km"
    metric: Literal["geo", "plane"] = "geo"
    detour: Length = Decimal(1)
    speed: Positive | None = None

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            unit: Literal["km", "min"] = ...,
            metric: Literal["geo", "plane"] = ...,
            detour: Amount = ...,
            speed: Amount | None = ...,
        ) -> None: ...


COLLECTIONS: dict[str, type[Record]] = {
    "areas": Area,
    "communities": Community,
    "providers": Provider,
    "facilities": Facility,
    "slots": Slot,
    "needs": Need,
    "pairs": Pair,
    "links": Link,
    "past": Past,
    "decisions": Decision,
}
"""The collections of an instance, in the order of its fields."""

REFERENCES = (
    ("communities", "area", "areas"),
    ("providers", "community", "communities"),
    ("facilities", "community", "communities"),
    ("facilities", "provider", "providers"),
    ("slots", "facility", "facilities"),
    ("needs", "community", "communities"),
    ("pairs", "need", "needs"),
    ("pairs", "slot", "slots"),
    ("past", "community", "communities"),
    ("decisions", "need", "needs"),
    ("decisions", "slot", "slots"),
)
"""Fields that hold the id of one record: collection, field, collection meant."""
