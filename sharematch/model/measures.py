"""All measures, each said once: what goals, rules, tables and the verifier count.

Whoever wants the value of one, its rows, or its column in a table reads it here and
nowhere else.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.model.measure import LinearForm, Measure, Pairs, Table

__all__ = ["MEASURES", "asked_measures", "own_measures", "table_order"]

Ints = NDArray[np.int64]


class Register(Mapping[str, Measure]):
    """Measures by name: those listed here, then those that were registered.

    A name that is not known may be that of a plugin: an entry point of the group
    ``sharematch.measures``, which is loaded when somebody first asks for it.
    """

    def __init__(self, measures: Iterable[Measure]) -> None:
        self._measures = {measure.name: measure for measure in measures}

    def add(self, measure: Measure) -> None:
        """Add a measure, or put it in the place of one of the same name."""
        self._measures[measure.name] = measure

    def __getitem__(self, name: str) -> Measure:
        if name not in self._measures and name in self._plugins:
            self._plugins.pop(name).load()
        return self._measures[name]

    @cached_property
    def _plugins(self) -> dict[str, EntryPoint]:
        return {each.name: each for each in entry_points(group="sharematch.measures")}

    def __iter__(self) -> Iterator[str]:
        return iter(self._measures)

    def __len__(self) -> int:
        return len(self._measures)


def table_order(table: Table) -> tuple[str, ...]:
    """Return the measures that a table always shows, in its order.

    Examples
    --------
    >>> table_order("slot")[:3]
    ('used', 'utilization', 'served')
    """
    places = {
        name: measure.shown_in[table]
        for name, measure in MEASURES.items()
        if measure.shown_in != "asked" and table in measure.shown_in
    }
    return tuple(sorted(places, key=places.__getitem__))


def asked_measures(terms: Iterable[Any]) -> tuple[str, ...]:
    """Return the measures shown only where rules or goals look at them, in order."""
    looked_at = {term.measure for term in terms}
    return tuple(
        name
        for name, measure in MEASURES.items()
        if name in looked_at and measure.shown_in == "asked"
    )


def own_measures(terms: Iterable[Any]) -> dict[str, str]:
    """Return the measures of somebody's own that rules or goals look at, by name.

    With the function that counts each.
    """
    looked_at = sorted({term.measure for term in terms})
    origins = {name: MEASURES[name].origin for name in looked_at}
    return {name: origin for name, origin in origins.items() if origin}


def _ones(pairs: Pairs) -> Ints:
    return np.broadcast_to(np.int64(1), len(pairs))  # of no length in memory


def _in_use(pairs: Pairs) -> Ints:
    return pairs.pair("units") * pairs.pair("steps")


def _across(pairs: Pairs) -> LinearForm:
    return LinearForm((pairs.pair("tier") > 0).astype(np.int64))


def _parity_gap(pairs: Pairs) -> LinearForm:
    """Return what a unit pays above the staff fee; nothing where there is none."""
    staff = pairs.pair("staff_fee")
    gap = np.maximum(pairs.pair("fee") - staff, 0)
    return LinearForm(np.where(staff < 0, 0, gap))


def _unit_cost(pairs: Pairs) -> Ints:
    return pairs.pair("unit_cost") + pairs.pair("cost")


def _cost(pairs: Pairs) -> LinearForm:
    return LinearForm(
        _unit_cost(pairs),
        slot_use=pairs.slot("opening_cost"),
        facility_use=pairs.facility("opening_cost"),
    )


def _subsidy(pairs: Pairs) -> LinearForm:
    """Return what fees leave of the cost of each slot, not below 0."""
    return LinearForm(
        _unit_cost(pairs) - pairs.pair("fee"),
        slot_use=pairs.slot("opening_cost"),
        facility_use=pairs.facility("opening_cost"),
        floor="slot",
    )


def _unit_subsidy(pairs: Pairs) -> LinearForm:
    """Return what fees leave of the cost of each unit, not below 0."""
    return LinearForm(np.maximum(_unit_cost(pairs) - pairs.pair("fee"), 0))


_OPENINGS = ("slot.unit_cost", "slot.opening_cost", "facility.opening_cost")

MEASURES = Register(
    (
        Measure(
            "served",
            "both",
            "units",
            lambda pairs: LinearForm(_ones(pairs)),
            priced="always",
            counts=True,
            shown_in={"total": 10, "need": 20, "slot": 30, "mixed": 10, "compared": 10},
            serves=1,
        ),
        Measure(
            "demand",
            "need",
            "units",
            lambda _: LinearForm(adds_size=True),
            priced="always",
            counts=False,
            shown_in={"total": 20, "need": 10},
            by_assignment=False,
        ),
        Measure(
            "unmet",
            "need",
            "units",
            lambda pairs: LinearForm(-_ones(pairs), adds_size=True),
            priced="always",
            counts=True,
            shown_in={"total": 30, "need": 30, "compared": 20},
            by_assignment=False,
            serves=-1,
        ),
        Measure(
            "fill_rate",
            "need",
            "ratio",
            lambda pairs: LinearForm(_ones(pairs), per_size=True),
            priced="always",
            counts=True,
            shown_in={"total": 40, "need": 40},
            by_assignment=False,
            has_past=True,
            serves=1,
        ),
        Measure(
            "weighted_served",
            "need",
            "units",
            lambda pairs: LinearForm(pairs.need("weight")),
            priced="always",
            counts=False,
            shown_in={"total": 50},
            reads=("need.weight",),
            serves=1,
        ),
        Measure(
            "travel",
            "both",
            "distance",
            lambda pairs: LinearForm(pairs.pair("travel")),
            priced="always",
            counts=False,
            shown_in={"total": 60, "need": 50, "mixed": 20, "compared": 30},
            reads=("pair.travel",),
            is_spent=True,
        ),
        Measure(
            "wait",
            "both",
            "days",
            lambda pairs: LinearForm(pairs.pair("wait")),
            priced="always",
            counts=False,
            shown_in={"total": 70, "need": 60, "compared": 40},
            reads=("pair.wait",),
            is_spent=True,
        ),
        Measure(
            "lateness",
            "both",
            "days",
            lambda pairs: LinearForm(pairs.pair("lateness")),
            priced="always",
            counts=False,
            shown_in={"total": 80},
            reads=("pair.lateness",),
            is_spent=True,
        ),
        Measure(
            "fees",
            "both",
            "money",
            lambda pairs: LinearForm(pairs.pair("fee")),
            priced="always",
            counts=False,
            shown_in={
                "total": 150,
                "need": 70,
                "slot": 50,
                "mixed": 30,
                "compared": 50,
            },
            reads=("slot.fee",),
            is_spent=True,
        ),
        Measure(
            "parity_gap",
            "both",
            "money",
            _parity_gap,
            priced="always",
            counts=False,
            shown_in={"total": 160},
            reads=("slot.fee", "slot.staff_fee"),
        ),
        Measure(
            "rank",
            "both",
            "ranks",
            lambda pairs: LinearForm(pairs.pair("rank")),
            priced="always",
            counts=False,
            shown_in={"total": 90},
            reads=("pair.rank",),
        ),
        Measure(
            "tier",
            "both",
            "ranks",
            lambda pairs: LinearForm(pairs.pair("tier")),
            priced="always",
            counts=False,
            shown_in={"total": 100},
            reads=("pair.tier",),
        ),
        Measure(
            "lent",
            "both",
            "units",
            _across,
            priced="always",
            counts=True,
            shown_in={"total": 110, "slot": 40, "place": 20},
            reads=("pair.tier",),
            place="slot",
            serves=1,
        ),
        Measure(
            "borrowed",
            "both",
            "units",
            _across,
            priced="always",
            counts=True,
            shown_in={"total": 120, "place": 10, "compared": 80},
            reads=("pair.tier",),
            serves=1,
        ),
        Measure(
            "cost",
            "slot",
            "money",
            _cost,
            priced="unopened",
            counts=False,
            shown_in={"total": 170, "slot": 60, "compared": 60},
            reads=(*_OPENINGS, "pair.cost"),
            place="slot",
            is_spent=True,
        ),
        Measure(
            "subsidy",
            "slot",
            "money",
            _subsidy,
            priced="unopened",
            counts=False,
            shown_in={"total": 180, "slot": 70, "compared": 70},
            reads=("slot.fee", *_OPENINGS, "pair.cost"),
            place="slot",
            is_spent=True,
            never_above="cost",
        ),
        Measure(
            "used",
            "slot",
            "units",
            lambda pairs: LinearForm(_in_use(pairs)),
            priced="always",
            counts=True,
            shown_in={"total": 130, "slot": 10},
            reads=("pair.units",),
            place="slot",
            by_assignment=False,
            serves=1,
        ),
        Measure(
            "utilization",
            "slot",
            "ratio",
            lambda pairs: LinearForm(_in_use(pairs), per_size=True),
            priced="always",
            counts=True,
            shown_in={"total": 140, "slot": 20, "compared": 90},
            reads=("pair.units",),
            place="slot",
            by_assignment=False,
            serves=1,
        ),
        Measure(
            "opened_slots",
            "slot",
            "count",
            lambda pairs: LinearForm(slot_use=_ones(pairs)),
            priced="never",
            counts=False,
            shown_in={"total": 190},
            place="slot",
            by_assignment=False,
        ),
        Measure(
            "opened_facilities",
            "slot",
            "count",
            lambda pairs: LinearForm(facility_use=_ones(pairs)),
            priced="never",
            counts=False,
            shown_in={"total": 200},
            place="slot",
            by_assignment=False,
        ),
        Measure(
            "bookings",
            "both",
            "count",
            lambda pairs: LinearForm(_ones(pairs), lot=pairs.pair("lot")),
            priced="always",
            counts=True,
            reads=("pair.lot",),
            by_assignment=False,
            serves=1,
        ),
        Measure(
            "minutes",
            "both",
            "minutes",
            lambda pairs: LinearForm(pairs.pair("minutes")),
            priced="always",
            counts=False,
            reads=("pair.minutes",),
            serves=1,
        ),
        Measure(
            "unpreferred",
            "both",
            "ranks",
            lambda pairs: LinearForm(pairs.pair("unpreferred")),
            priced="always",
            counts=False,
            reads=("pair.unpreferred",),
        ),
        Measure(
            "unit_cost",
            "both",
            "money",
            lambda pairs: LinearForm(_unit_cost(pairs)),
            priced="always",
            counts=False,
            reads=("slot.unit_cost", "pair.cost"),
            is_spent=True,
        ),
        Measure(
            "unit_subsidy",
            "both",
            "money",
            _unit_subsidy,
            priced="always",
            counts=False,
            reads=("slot.fee", "slot.unit_cost", "pair.cost"),
            is_spent=True,
        ),
        Measure(
            "mix",
            "slot",
            "ratio",
            lambda pairs: LinearForm(_ones(pairs)),
            priced="never",
            counts=False,
            shown_in={},
            by_assignment=False,
            only_in_rules=True,
        ),
        Measure(
            "moved",
            "both",
            "units",
            lambda pairs: LinearForm(-_ones(pairs), start=pairs.pair("earlier")),
            priced="minimized",
            counts=False,
            shown_in={},
            reads=("pair.earlier",),
            by_assignment=False,
        ),
    )
)
