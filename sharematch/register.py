"""register(): the resource archive as a report, before anything is decided.

What each community has and lacks by kind of service, who owns what, on which terms,
which places nobody can use and which needs no slot can serve, each with its reason.
Values first, text last.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core import arcs as arcs_module
from sharematch.core.arcs import Arcs
from sharematch.core.columns import NONE, SECTORS, Columns, encode
from sharematch.errors import InputError
from sharematch.model.instance import Instance
from sharematch.reasons import commonest_codes, commonest_slot_codes
from sharematch.tables import Table, Value
from sharematch.words import WORDS, say

__all__ = ["Register", "register"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

MOST_ROWS = 40
"""Of a table in the text."""

_NONE = "register.none"

COUNTS = ("communities", "providers", "facilities", "slots", "needs")
TABLES = (
    *("supply", "facilities", "owners", "sectors", "terms", "idle", "unserved"),
    "reasons",
)


@dataclass(frozen=True)
class Register:
    """What a district has, who owns it, on which terms, and what is missing.

    Attributes
    ----------
    counts
        Records by type, and `places` and `units_asked`.
    supply
        One row for each community and kind it asks for or has places of: units
        `asked`, places of its `own`, the part `missing`, what others `lend` (places
        that its needs may use there, reserves apart), units that `no_slot` can serve,
        and how it `stands`: "enough", "short", "elsewhere" or "nowhere".
    facilities
        One row for each facility: owner, sector, kinds, slots, places, hours, fees,
        how far it is shared at most, features, and places of no use (`idle`).
    owners, sectors
        Providers, and kinds of providers, with what they offer.
    terms
        Slots and places on each term: what they cost residents, how far they are
        shared, what protects them.
    idle
        Slots with places that no need can use, and why: a code of pairs, or "few"
        where fewer units may use the slot than it has places.
    unserved
        Needs that no slot can serve, with the commonest reason.
    reasons
        Units that no slot can serve, by community, kind and reason.
    """

    name: str
    currency: str
    counts: dict[str, int]
    supply: Table
    facilities: Table
    owners: Table
    sectors: Table
    terms: Table
    idle: Table
    unserved: Table
    reasons: Table

    def matrix(self) -> Table:
        """Return own places of units asked, communities by kinds, as "24 / 118".

        "–" where a community asks for nothing of a kind and has nothing of it.
        """
        kinds = sorted({str(row["kind"]) for row in self.supply})
        rows: dict[Value, dict[str, Value]] = {}
        for row in self.supply:
            own = rows.setdefault(
                row["community"],
                {"community": row["community"], **dict.fromkeys(kinds, "–")},
            )
            own[str(row["kind"])] = f"{row['own']} / {row['asked']}"
        return Table(rows.values(), ("community", *kinds))

    def to_dict(self) -> dict[str, Any]:
        """Return the register as plain values: hours as "a/b", money as text."""
        return {
            "name": self.name,
            "currency": self.currency,
            "counts": self.counts,
            **{
                name: [
                    {key: _plain(value) for key, value in row.items()}
                    for row in getattr(self, name)
                ]
                for name in TABLES
            },
        }

    def text(self, lang: str = "en") -> str:
        """Return the register in words, "en" or "zh"; single facilities left out."""
        lines = [say("register.opening", lang).format(**self.counts)]
        for name in ("matrix", "owners", "sectors", "terms", "idle", "reasons"):
            table = self.matrix() if name == "matrix" else getattr(self, name)
            lines += ["", say(f"register.{name}", lang)]
            shown = Table(table.rows[:MOST_ROWS], table.columns)
            lines.append(str(_worded(shown, lang)) if table else say(_NONE, lang))
            if more := len(table) - len(shown):
                lines.append(say("register.more", lang).format(more))
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """Return the register for notebooks."""
        parts = ("matrix", "owners", "sectors", "terms", "idle", "reasons")
        tables = [self.matrix() if p == "matrix" else getattr(self, p) for p in parts]
        return "".join(
            f"<h4>{say(f'register.{part}')}</h4>{_worded(table, 'en')._repr_html_()}"
            for part, table in zip(parts, tables, strict=True)
            if table
        )

    def __repr__(self) -> str:
        return f"<Register of {self.counts['facilities']} facilities>"

    def __str__(self) -> str:
        return self.text()


def register(instance: Instance, *, depth: int = 1) -> Register:
    """Return the register of an instance's resources and of what is missing.

    Parameters
    ----------
    instance
        The records. Nothing is decided, and no policy is looked at.
    depth
        How many parts of a kind's path are told apart: with 1, `health/check` and
        `health/clinic` are both `health`. A slot of several kinds counts for each.

    Raises
    ------
    InputError
        For a depth below 1.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.Instance(
    ...     communities=[sm.Community(id="tianfeng"), sm.Community(id="lianqiao")],
    ...     facilities=[sm.Facility(id="station", community="tianfeng")],
    ...     slots=[sm.Slot(id="mon", facility="station", kinds=["health"], capacity=3)],
    ...     needs=[
    ...         sm.Need(id="t", community="tianfeng", kind="health", quantity=4),
    ...         sm.Need(id="l", community="lianqiao", kind="health", quantity=2),
    ...     ],
    ... )
    >>> print(register(town).supply)
    community  kind    asked  own  missing  lend  no_slot  stands
    lianqiao   health      2    0        2     3        0  elsewhere
    tianfeng   health      4    3        1     0        0  short
    """
    if depth < 1:
        raise InputError(f"depth {depth}: must be 1 or more")
    columns = encode(instance)
    arcs = arcs_module.build(columns)
    lone = columns.need_demand > 0
    lone[arcs.need] = False
    needs = np.flatnonzero(lone)
    codes = commonest_codes(columns, needs)
    kinds = _Kinds(columns, depth)
    idle = _idle(columns, arcs)
    return Register(
        name=columns.name,
        currency=columns.currency,
        counts={
            **{name: len(getattr(columns, _ids_of(name))) for name in COUNTS},
            "places": int(columns.slot_capacity.sum()),
            "units_asked": int(columns.need_demand.sum()),
        },
        supply=_supply(columns, arcs, kinds, needs),
        facilities=_facilities(columns, idle),
        owners=_owners(columns),
        sectors=_sectors(columns),
        terms=_terms(columns),
        idle=_idle_slots(columns, arcs, idle),
        unserved=_unserved(columns, needs, codes),
        reasons=_reasons(columns, kinds, needs, codes),
    )


def _ids_of(name: str) -> str:
    singular = {"communities": "community", "facilities": "facility"}
    return f"{singular.get(name, name.removesuffix('s'))}_ids"


class _Kinds:
    """Kinds cut to a depth, and which of them needs ask for and slots offer."""

    def __init__(self, columns: Columns, depth: int) -> None:
        cut = ["/".join(kind.split("/")[:depth]) for kind in columns.kinds]
        self.names = sorted(set(cut))
        at = {name: i for i, name in enumerate(self.names)}
        code = np.array([at[name] for name in cut], np.int64)
        self.need = code[columns.need_kind]
        labels, width = columns.slot_kinds, max(len(self.names), 1)
        pair = np.unique(labels.rows * width + code[labels.indices])
        self.slot, self.offered = np.divmod(pair, width)
        """Each slot with each kind it offers, once."""


def _supply(columns: Columns, arcs: Arcs, kinds: _Kinds, lone: Ints) -> Table:
    shape = len(columns.community_ids), len(kinds.names)
    host = columns.facility_community[columns.slot_facility]

    def sums(community: Ints, kind: Ints, amount: Ints) -> Ints:
        total = np.zeros(shape, np.int64)
        np.add.at(total, (community, kind), amount)
        return total

    home, demand = columns.need_community, columns.need_demand
    asked = sums(home, kinds.need, demand)
    own = sums(host[kinds.slot], kinds.offered, columns.slot_capacity[kinds.slot])
    no_slot = sums(home[lone], kinds.need[lone], demand[lone])
    guest = arcs.tier > 0
    need, slot = arcs.need[guest], arcs.slot[guest]
    width = max(len(columns.slot_ids), 1)
    place = home[need] * shape[1] + kinds.need[need]
    once, slot = np.divmod(np.unique(place * width + slot), width)
    open_ = (columns.slot_capacity - columns.slot_reserve)[slot]
    lend = sums(*np.divmod(once, max(shape[1], 1)), open_)
    rows = []
    for c, k in zip(*np.nonzero((asked > 0) | (own > 0)), strict=True):
        wants, has, others = int(asked[c, k]), int(own[c, k]), int(lend[c, k])
        row: dict[str, Value] = {
            "community": columns.community_ids[c],
            "kind": kinds.names[k],
            "asked": wants,
            "own": has,
            "missing": max(wants - has, 0),
            "lend": others,
            "no_slot": int(no_slot[c, k]),
            "stands": _stands(wants, has, others),
        }
        rows.append(row)
    return Table(
        rows,
        ("community", "kind", "asked", "own", "missing", "lend", "no_slot", "stands"),
    )


def _stands(asked: int, own: int, lend: int) -> str:
    if own >= asked:
        return "enough"
    if own:
        return "short"
    return "elsewhere" if lend else "nowhere"


def _idle(columns: Columns, arcs: Arcs) -> Ints:
    """Return how many places of each slot no need can ever use."""
    wanted = np.zeros(len(columns.slot_ids), np.int64)
    np.add.at(wanted, arcs.slot, columns.need_demand[arcs.need] * arcs.units)
    left: Ints = np.maximum(columns.slot_capacity - wanted, 0)
    return left


def _idle_slots(columns: Columns, arcs: Arcs, idle: Ints) -> Table:
    unused = columns.slot_capacity > 0
    unused[arcs.slot] = False
    slots = np.flatnonzero(unused)
    codes = dict(zip(slots.tolist(), commonest_slot_codes(columns, slots), strict=True))
    rows = []
    for slot in np.flatnonzero(idle).tolist():
        facility = columns.slot_facility[slot]
        row: dict[str, Value] = {
            "slot": columns.slot_ids[slot],
            "facility": columns.facility_ids[facility],
            "community": columns.community_ids[columns.facility_community[facility]],
            "places": int(columns.slot_capacity[slot]),
            "idle": int(idle[slot]),
            "reason": codes.get(slot, "few"),
        }
        rows.append(row)
    return Table(rows, ("slot", "facility", "community", "places", "idle", "reason"))


def _unserved(columns: Columns, needs: Ints, codes: Iterable[str]) -> Table:
    rows = [
        {
            "need": columns.need_ids[need],
            "community": columns.community_ids[columns.need_community[need]],
            "kind": columns.kinds[columns.need_kind[need]],
            "units": int(columns.need_demand[need]),
            "reason": code,
        }
        for need, code in zip(needs.tolist(), codes, strict=True)
    ]
    return Table(rows, ("need", "community", "kind", "units", "reason"))


def _reasons(
    columns: Columns, kinds: _Kinds, needs: Ints, codes: Iterable[str]
) -> Table:
    units: dict[tuple[str, str, str], int] = {}
    for need, code in zip(needs.tolist(), codes, strict=True):
        community = columns.community_ids[columns.need_community[need]]
        key = community, kinds.names[kinds.need[need]], code
        units[key] = units.get(key, 0) + int(columns.need_demand[need])
    names = ("community", "kind", "reason")
    rows: list[dict[str, Value]] = [
        {**dict(zip(names, key, strict=True)), "units": units[key]}
        for key in sorted(units)
    ]
    return Table(rows, (*names, "units"))


def _facilities(columns: Columns, idle: Ints) -> Table:
    kinds: dict[int, set[str]] = {}
    labels = columns.slot_kinds
    facility = columns.slot_facility[labels.rows]
    width = max(len(columns.kinds), 1)
    for pair in np.unique(facility * width + labels.indices).tolist():
        kinds.setdefault(pair // width, set()).add(columns.kinds[pair % width])
    features = columns.facility_features
    rows = []
    for f, own in _slots_of(columns.slot_facility, len(columns.facility_ids)):
        provider = columns.facility_provider[f]
        some = features.indices[features.indptr[f] : features.indptr[f + 1]]
        row: dict[str, Value] = {
            "facility": columns.facility_ids[f],
            "community": columns.community_ids[columns.facility_community[f]],
            "owner": columns.provider_ids[provider] if provider != NONE else None,
            "sector": _sector(columns, provider),
            "kinds": " ".join(sorted(kinds.get(f, ()))),
            **_offer(columns, own),
            "shared": _shared(columns, own),
            "features": " ".join(sorted(features.names[i] for i in some)),
            "idle": int(idle[own].sum()),
        }
        rows.append(row)
    return Table(rows)


def _owners(columns: Columns) -> Table:
    provider = columns.facility_provider[columns.slot_facility]
    held = _count(columns.facility_provider, len(columns.provider_ids))
    rows: list[dict[str, Value]] = [
        {
            "owner": columns.provider_ids[p],
            "sector": _sector(columns, p),
            "facilities": int(held[p]),
            **_offer(columns, own),
        }
        for p, own in _slots_of(provider, len(columns.provider_ids))
    ]
    return Table(rows)


def _sectors(columns: Columns) -> Table:
    sector = np.append(columns.provider_sector, NONE)
    of_facility = sector[columns.facility_provider]
    owners = _count(columns.provider_sector, len(SECTORS))
    held = _count(of_facility, len(SECTORS))
    rows: list[dict[str, Value]] = [
        {
            "sector": SECTORS[s],
            "owners": int(owners[s]),
            "facilities": int(held[s]),
            **_offer(columns, own),
        }
        for s, own in _slots_of(of_facility[columns.slot_facility], len(SECTORS))
        if owners[s] or held[s]
    ]
    return Table(rows)


def _terms(columns: Columns) -> Table:
    rows: list[dict[str, Value]] = []
    for about, term, mask in _conditions(columns):
        own = np.flatnonzero(mask)
        if len(own):
            rows.append({"about": about, "term": term, **_offer(columns, own)})
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


def _worded(table: Table, lang: str) -> Table:
    """Return a table with its columns and codes in words."""
    is_idle = "idle" in table.columns

    def cell(row: dict[str, Value], name: str) -> Value:
        value = row[name]
        if not isinstance(value, str) or name not in (
            "sector",
            "about",
            "term",
            "reason",
        ):
            return value
        if name == "reason":
            return say(f"{'slot' if is_idle else 'need'}.{value}", lang)
        is_tier = name == "term" and row["about"] == "sharing"
        return say(f"tier.{value}" if is_tier else value, lang)

    heads = {name: say(name, lang) if name in WORDS else name for name in table.columns}
    rows = ({heads[name]: cell(row, name) for name in heads} for row in table)
    return Table(rows, [*heads.values()])


def _plain(value: Value) -> Any:
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    return str(value) if isinstance(value, Decimal) else value
