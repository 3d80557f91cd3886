"""Seeded synthetic districts, as large and as hard as wanted.

Calibrated on two sources. Toronto: 24% of communities own no facility, 1.3 facilities
per community, slots per facility and population lognormal, with standard deviations of
the logarithm of 1.2 and 0.46. The essay behind the old-town scenario: 20% of residents
over 60, 2% disabled, old quarters poor in facilities. The same arguments give the same
instance.
"""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.errors import InputError, Problem
from sharematch.model.arguments import typed
from sharematch.model.instance import Instance
from sharematch.model.needs import Need
from sharematch.model.places import Area, Community, Facility, Slot
from sharematch.model.windows import Window
from sharematch.text import Text

__all__ = ["SIZES", "make", "make_instance"]

SIZES: dict[str, dict[str, int]] = {
    "community": {"communities": 4, "needs": 100, "slots": 40},
    "subdistrict": {"communities": 10, "needs": 1_000, "slots": 200},
    "district": {"communities": 60, "needs": 10_000, "slots": 2_000},
    "city": {"communities": 300, "needs": 100_000, "slots": 20_000},
    "region": {"communities": 3_000, "needs": 1_000_000, "slots": 200_000},
}
"""How many records each size has, by name."""

_KINDS = (
    *("health/clinic", "culture/choir", "sport/fitness", "training/computer"),
    *("repair/gas", "advice/legal", "health/check", "culture/reading", "sport/court"),
    *("training/cooking", "repair/water", "advice/jobs"),
)
_ARCS = 10
"""Slots that a need reaches on average, where `reach` is not given."""

_WITHOUT_FACILITY = 0.24
_FACILITIES_PER_COMMUNITY = 1.3
_POPULATION = (5000, 0.46)
_ELDERLY, _DISABLED, _STEP_FREE = 0.20, 0.02, 0.7
_BLOCK = 3
"""Communities along each side of a subdistrict."""

_MONDAY = datetime(2026, 12, 7)  # noqa: DTZ001 (local time of no real place)
_PARTS = ((8, 12), (12, 17), (17, 22))
"""Hours of the parts of a day that windows cover."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@typed
def make(size: str, seed: int = 0, **severity: Any) -> Instance:
    """Return a synthetic instance of a named size.

    Parameters
    ----------
    size
        One of `SIZES`.
    seed
        Chooses the instance among all of this size and severity.
    **severity
        Other options of `make_instance`.

    Raises
    ------
    InputError
        When `size` is unknown or an option is out of its range.

    Examples
    --------
    >>> make("community", seed=7)
    <Instance 'synthetic-7': 2 areas, 4 communities, 5 facilities, 40 slots, 100 needs>
    """
    if size not in SIZES:
        raise InputError(
            [
                Problem(
                    "district.is_not_a_size",
                    "generate",
                    "",
                    "size",
                    size,
                    ", ".join(SIZES),
                )
            ]
        )
    return make_instance(**SIZES[size], seed=seed, **severity)


@typed
def make_instance(
    *,
    communities: int = 10,
    needs: int = 1_000,
    slots: int = 200,
    seed: int = 0,
    scarcity: float = 0.7,
    kinds: int = 6,
    windows: float = 0.5,
    reach: float | None = None,
    skew: float = 1.2,
    whole: float = 0.0,
) -> Instance:
    """Return a synthetic district with plane coordinates in km and one week of slots.

    Parameters
    ----------
    communities, needs, slots
        Numbers of records.
    seed
        Chooses the instance among all with the same options.
    scarcity
        Places offered for each unit asked for, so that less is harder.
    kinds
        Number of kinds of service, at most 12.
    windows
        Share of needs that can come only at one part of the day.
    reach
        The farthest a need travels, in km; elderly people go 0.7 of it. None: so far
        that a need reaches about ten slots.
    skew
        How unequal facilities are in slots: the standard deviation of the logarithm.
    whole
        Share of needs whose units may not be split over slots.

    Raises
    ------
    InputError
        When an option is out of its range.

    Examples
    --------
    >>> district = make_instance(communities=4, needs=50, slots=20, seed=1)
    >>> district == make_instance(communities=4, needs=50, slots=20, seed=1)
    True
    >>> places = sum(slot.capacity for slot in district.slots)
    >>> round(places / sum(need.quantity for need in district.needs), 1)
    0.7
    """
    _check("communities", communities, 1 if needs or slots else 0)
    _check("needs", needs, 0)
    _check("slots", slots, 0)
    _check("seed", seed, 0)
    _check("scarcity", scarcity, 0)
    _check("kinds", kinds, 1, len(_KINDS))
    _check("windows", windows, 0, 1)
    _check("reach", reach or 0, 0)
    _check("skew", skew, 0)
    _check("whole", whole, 0, 1)
    if reach is None:
        reach = _reach(communities, slots, kinds, windows)

    rng = np.random.Generator(np.random.PCG64(seed))
    side = max(1, math.isqrt(max(0, communities - 1)) + 1)
    cells = np.stack(np.divmod(np.arange(communities), side), axis=1)[:, ::-1]
    places = cells + 0.2 + 0.6 * rng.random((communities, 2))
    median, sigma = _POPULATION
    population = median * np.exp(sigma * rng.standard_normal(communities))

    owner = _owners(rng, communities, slots, skew)
    quantity = 1 + (rng.random(needs) ** 2 * 10).astype(np.int64)
    capacity = _split(
        int(scarcity * int(quantity.sum()) + 0.5),
        np.exp(0.6 * rng.standard_normal(slots)),
    )
    area_of = _subdistricts(cells)
    return Instance(
        name=f"synthetic-{seed}",
        currency="CNY",
        travel={"unit": "km", "metric": "plane"},
        areas=_areas(area_of),
        communities=_communities(area_of, places, population, owner),
        facilities=_facilities(rng, places, owner),
        slots=_slots(rng, len(owner), capacity, kinds, skew),
        needs=_needs(
            rng,
            places,
            population=population,
            quantity=quantity,
            kinds=kinds,
            windows=windows,
            whole=whole,
            reach=reach,
        ),
    )


def _check(field: str, value: float, low: float, high: float = math.inf) -> None:
    if not low <= value <= high:
        code = "at_least" if high == math.inf else "from_to"
        raise InputError(
            [
                Problem(
                    Text(f"value.must_be_{code}", low=low, high=high),
                    "generate",
                    "",
                    field,
                    str(value),
                )
            ]
        )


def _reach(communities: int, slots: int, kinds: int, windows: float) -> float:
    """Return the radius in which a need finds about `_ARCS` slots that suit it."""
    in_time = 1 - windows * (1 - 1 / len(_PARTS))
    suited_per_square_km = max(1, slots) / max(1, communities) / kinds * in_time
    return math.sqrt(_ARCS / (math.pi * suited_per_square_km))


def _ids(prefix: str, count: int) -> list[str]:
    width = len(str(max(0, count - 1)))
    return [f"{prefix}{i:0{width}}" for i in range(count)]


def _points(places: Floats) -> list[tuple[float, float]]:
    """Return coordinates to the metre."""
    return [(x, y) for x, y in np.round(places, 3).tolist()]


def _subdistricts(cells: Ints) -> list[str]:
    return [f"subdistrict-{x}-{y}" for x, y in (cells // _BLOCK).tolist()]


def _split(total: int, weights: Floats) -> Ints:
    """Return whole numbers that sum to `total`, in proportion to `weights`."""
    if not len(weights):
        return np.zeros(0, np.int64)
    ends: Ints = np.floor(np.cumsum(weights / weights.sum()) * total + 0.5).astype(int)
    ends[-1] = total
    ends[1:] -= ends[:-1].copy()
    return ends


def _owners(
    rng: np.random.Generator, communities: int, slots: int, skew: float
) -> Ints:
    """Return the community of each facility; some communities own none."""
    order = rng.permutation(communities)
    num_owners = communities - int(_WITHOUT_FACILITY * communities + 0.5)
    num_facilities = min(slots, int(_FACILITIES_PER_COMMUNITY * communities + 0.5))
    first = order[: min(num_owners, num_facilities)]
    # Who owns more than one facility is as unequal as the facilities are.
    more = num_facilities - len(first)
    weights = np.exp(skew * rng.standard_normal(len(first)))
    extra = rng.choice(first, more, p=weights / weights.sum()) if more else first[:0]
    return np.sort(np.concatenate([first, extra]))


def _areas(area_of: Sequence[str]) -> list[Area]:
    """Return the district and its subdistricts."""
    return [
        Area(id="district", level="district"),
        *(
            Area(id=area, level="subdistrict", parent="district")
            for area in dict.fromkeys(area_of)
        ),
    ]


def _communities(
    area_of: Sequence[str], places: Floats, population: Floats, owner: Ints
) -> list[Community]:
    """Return communities; those without a facility have the tag "old"."""
    count = len(area_of)
    has_facility = np.isin(range(count), owner)
    return [
        Community(id=name, area=area, location=place, population=people, tags=tags)
        for name, area, place, people, tags in zip(
            _ids("c", count),
            area_of,
            _points(places),
            population.astype(np.int64).tolist(),
            (frozenset(() if has else ("old",)) for has in has_facility.tolist()),
            strict=True,
        )
    ]


def _facilities(
    rng: np.random.Generator, places: Floats, owner: Ints
) -> list[Facility]:
    place = places[owner] + 0.3 * (rng.random((len(owner), 2)) - 0.5)
    step_free = rng.random(len(owner)) < _STEP_FREE
    communities = _ids("c", len(places))
    return [
        Facility(
            id=name,
            community=communities[community],
            location=point,
            features=frozenset(("step-free",) if free else ()),
        )
        for name, community, point, free in zip(
            _ids("f", len(owner)),
            owner.tolist(),
            _points(place),
            step_free.tolist(),
            strict=True,
        )
    ]


def _slots(
    rng: np.random.Generator,
    num_facilities: int,
    capacity: Ints,
    kinds: int,
    skew: float,
) -> list[Slot]:
    count = len(capacity)
    if not count:
        return []
    # Every facility has a slot; the rest are spread unequally.
    weights = np.exp(skew * rng.standard_normal(num_facilities))
    further = rng.choice(
        num_facilities, count - num_facilities, p=weights / weights.sum()
    )
    facility = np.sort(np.concatenate([np.arange(num_facilities), further]))
    kind = rng.integers(kinds, size=count)
    day = rng.integers(7, size=count)
    hour = rng.integers(8, 21, size=count)
    reserve = np.where(rng.random(count) < 0.3, capacity // 5, 0)
    fee = np.where(rng.random(count) < 0.5, rng.integers(1, 5, size=count) * 5, 0)
    staff_fee = np.where(rng.random(count) < 0.7, fee, fee // 2)
    unit_cost = rng.integers(11, size=count)
    starts = [_MONDAY + timedelta(hours=h) for h in (24 * day + hour).tolist()]
    facilities = _ids("f", num_facilities)
    return [
        Slot(
            id=name,
            facility=facilities[f],
            kinds=frozenset((_KINDS[k],)),
            capacity=places,
            start=start,
            end=start + timedelta(hours=1),
            reserve=reserved,
            fee=price,
            staff_fee=staff_price,
            unit_cost=cost,
        )
        for name, f, k, places, start, reserved, price, staff_price, cost in zip(
            _ids("s", count),
            facility.tolist(),
            kind.tolist(),
            capacity.tolist(),
            starts,
            reserve.tolist(),
            fee.tolist(),
            staff_fee.tolist(),
            unit_cost.tolist(),
            strict=True,
        )
    ]


def _needs(
    rng: np.random.Generator,
    places: Floats,
    *,
    population: Floats,
    quantity: Ints,
    kinds: int,
    windows: float,
    whole: float,
    reach: float,
) -> list[Need]:
    count = len(quantity)
    if not count:
        return []
    # In proportion to population; people live at a few points of each community.
    community = np.repeat(np.arange(len(places)), _split(count, population))
    points = places[:, None] + 0.6 * (rng.random((len(places), 20, 2)) - 0.5)
    home = points[community, rng.integers(20, size=count)]
    kind = rng.integers(kinds, size=count)
    elderly = rng.random(count) < _ELDERLY
    disabled = rng.random(count) < _DISABLED
    part = rng.integers(len(_PARTS), size=count)
    part[rng.random(count) >= windows] = len(_PARTS)
    waiting = rng.integers(30, size=count)
    is_whole = rng.random(count) < whole
    communities = _ids("c", len(places))
    spans = _windows()
    far = (_km(reach), _km(0.7 * reach))
    monday = _MONDAY.date()
    since = [monday - timedelta(days=1 + d) for d in range(30)]
    groups = [
        frozenset(names)
        for names in ([], ["disabled"], ["elderly"], ["elderly", "disabled"])
    ]
    requires = [frozenset[str](), frozenset({"step-free"})]
    return [
        Need(
            id=name,
            community=communities[c],
            kind=_KINDS[k],
            quantity=units,
            groups=groups[2 * old + unable],
            location=point,
            windows=spans[p],
            max_travel=far[old],
            requires=requires[unable],
            since=since[days],
            whole=all_or_none,
        )
        for name, c, k, units, old, unable, point, p, days, all_or_none in zip(
            _ids("n", count),
            community.tolist(),
            kind.tolist(),
            quantity.tolist(),
            elderly.tolist(),
            disabled.tolist(),
            _points(home),
            part.tolist(),
            waiting.tolist(),
            is_whole.tolist(),
            strict=True,
        )
    ]


def _km(length: float) -> Decimal:
    return Decimal(round(length * 1000)).scaleb(-3)


def _windows() -> list[tuple[Window, ...]]:
    """Return the windows of each part of the day, and at last of no part: any time."""
    days = [_MONDAY + timedelta(days=d) for d in range(7)]
    parts = [
        tuple(
            Window(start=day + timedelta(hours=first), end=day + timedelta(hours=last))
            for day in days
        )
        for first, last in _PARTS
    ]
    return [*parts, ()]
