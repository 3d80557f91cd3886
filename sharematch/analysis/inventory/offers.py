"""Who offers what, where, and on which terms."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.codes import NONE, SECTORS
from sharematch.text.tables import Table, Value

__all__ = ["facilities", "owners", "sectors", "terms"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def facilities(columns: Columns, idle: Ints) -> Table:
    """Return what each facility offers, to whom and at what fees."""
    kinds: dict[int, set[str]] = {}
    labels = columns.slot_kinds
    facility = columns.slot_facility[labels.rows]
    width = max(len(columns.kinds), 1)
    for pair in np.unique(facility * width + labels.indices).tolist():
        kinds.setdefault(pair // width, set()).add(columns.kinds[pair % width])
    features = columns.facility_features
    rows = []
    for f, slots in _slots_of(columns.slot_facility, len(columns.facility_ids)):
        provider = columns.facility_provider[f]
        feature_codes = features.indices[features.indptr[f] : features.indptr[f + 1]]
        row: dict[str, Value] = {
            "facility": columns.facility_ids[f],
            "community": columns.community_ids[columns.facility_community[f]],
            "owner": columns.provider_ids[provider] if provider != NONE else None,
            "sector": _sector(columns, provider),
            "kinds": " ".join(sorted(kinds.get(f, ()))),
            **_offer(columns, slots),
            "shared": _shared(columns, slots),
            "features": " ".join(sorted(features.names[i] for i in feature_codes)),
            "idle": int(idle[slots].sum()),
        }
        rows.append(row)
    return Table(rows)


def owners(columns: Columns) -> Table:
    """Return what each provider offers."""
    provider = columns.facility_provider[columns.slot_facility]
    held = _count(columns.facility_provider, len(columns.provider_ids))
    rows: list[dict[str, Value]] = [
        {
            "owner": columns.provider_ids[p],
            "sector": _sector(columns, p),
            "facilities": int(held[p]),
            **_offer(columns, slots),
        }
        for p, slots in _slots_of(provider, len(columns.provider_ids))
    ]
    return Table(rows)


def sectors(columns: Columns) -> Table:
    """Return what each kind of provider offers."""
    sector = np.append(columns.provider_sector, NONE)
    of_facility = sector[columns.facility_provider]
    owners = _count(columns.provider_sector, len(SECTORS))
    held = _count(of_facility, len(SECTORS))
    rows: list[dict[str, Value]] = [
        {
            "sector": SECTORS[s],
            "owners": int(owners[s]),
            "facilities": int(held[s]),
            **_offer(columns, slots),
        }
        for s, slots in _slots_of(of_facility[columns.slot_facility], len(SECTORS))
        if owners[s] or held[s]
    ]
    return Table(rows)


def terms(columns: Columns) -> Table:
    """Return how much is offered on each term."""
    rows: list[dict[str, Value]] = []
    for about, term, mask in _conditions(columns):
        slots = np.flatnonzero(mask)
        if len(slots):
            rows.append({"about": about, "term": term, **_offer(columns, slots)})
    return Table(rows)


def _conditions(columns: Columns) -> Iterator[tuple[str, str, Bools]]:
    """Yield terms with the slots they hold for; each price and width excludes others.

    Several protections may hold for one slot.
    """
    fee, staff = columns.slot_fee, columns.slot_staff_fee
    paid = fee > 0
    yield "price", "free", ~paid
    yield "price", "staff_price", paid & (staff == fee)
    yield "price", "below_staff", paid & (staff > fee)
    yield "price", "above_staff", paid & (staff != NONE) & (staff < fee)
    yield "price", "staff_unknown", paid & (staff == NONE)
    share = np.minimum(columns.slot_share, _widest(columns))
    for tier in range(_widest(columns) + 1):
        yield "sharing", _tier_name(columns, tier), share == tier
    has_wear = columns.facility_max_units != NONE
    has_closed = np.zeros(len(columns.facility_ids), bool)
    has_closed[columns.closed_facility] = True
    has_closed[columns.shut_facility] = True
    yield "protection", "reserve", columns.slot_reserve > 0
    yield "protection", "own_use", has_closed[columns.slot_facility]
    yield "protection", "wear", has_wear[columns.slot_facility]
    yield "protection", "groups_only", columns.slot_groups.counts > 0
    yield "protection", "at_home", columns.slot_radius != NONE


def _slots_of(code: Ints, count: int) -> Iterator[tuple[int, Ints]]:
    """Yield each of `count` groups with the positions of its slots."""
    order = np.argsort(code, kind="stable")
    first = np.searchsorted(code[order], np.arange(count + 1))
    for group in range(count):
        yield group, order[first[group] : first[group + 1]]


def _offer(columns: Columns, slots: Ints) -> dict[str, Value]:
    """Return how much some slots offer, and at what fees."""
    timed = slots[columns.slot_is_timed[slots]]
    minutes = int((columns.slot_end[timed] - columns.slot_start[timed]).sum())
    fees = columns.slot_fee[slots]
    return {
        "slots": len(slots),
        "places": int(columns.slot_capacity[slots].sum()),
        "hours": Decimal(round(minutes / 6)) / 10,
        "least_fee": _money(fees.min()) if len(fees) else None,
        "most_fee": _money(fees.max()) if len(fees) else None,
    }


def _shared(columns: Columns, slots: Ints) -> str | None:
    """Return how far slots are shared: the widest tier of any."""
    if not len(slots):
        return None
    return _tier_name(
        columns, min(int(columns.slot_share[slots].max()), _widest(columns))
    )


def _widest(columns: Columns) -> int:
    return len(columns.levels) or 1


def _tier_name(columns: Columns, tier: int) -> str:
    return ("own", *(columns.levels or ("all",)))[tier]


def _sector(columns: Columns, provider: int) -> str | None:
    if provider == NONE:
        return None
    return SECTORS[columns.provider_sector[provider]]


def _count(code: Ints, count: int) -> Ints:
    return np.bincount(code[code != NONE], minlength=count)


def _money(amount: Any) -> Decimal:
    return Decimal(int(amount)).scaleb(-2)
