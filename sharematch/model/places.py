"""Records of what there is: areas, communities, owners, facilities and their slots."""

from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar, Literal

from sharematch.model import row_rules
from sharematch.model.base import Record, Ruled, Timed
from sharematch.model.fields import (
    Count,
    Heads,
    Id,
    Kinds,
    Label,
    Labels,
    Length,
    Location,
    Money,
    Ranked,
    Tier,
    Time,
    Units,
)
from sharematch.model.prices import NO_PRICES, Prices
from sharematch.model.windows import Windows

if TYPE_CHECKING:
    from sharematch.model.accepted import Amount, Fees, Point, Spans, Texts, When

__all__ = [
    "Area",
    "Community",
    "Facility",
    "Provider",
    "Slot",
]


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


class Slot(Timed):
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
