"""What a measure is: a linear form over pairs, and what policies and tables ask of it.

All is in the smallest unit: units, metres or seconds, days, minor units of money.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from sharematch.model.numbers import exact
from sharematch.model.values import GoalNumber, Number

__all__ = ["LinearForm", "Measure", "Pairs", "Side", "Table", "Unit"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Record = Literal["need", "slot", "facility", "community", "host"]
"""Of a pair; ``community`` is the need's, ``host`` the facility's."""
Side = Literal["need", "slot", "both"]
Unit = Literal[
    "units", "ratio", "distance", "days", "money", "count", "ranks", "minutes"
]
Table = Literal["total", "need", "place", "slot", "mixed", "compared"]
"""The whole plan; groups of needs, by place too, of slots, of both; plans compared."""


class Pairs(Protocol):
    """Pairs of a need and a slot, as arrays with one entry for each pair.

    Fields are those of the records, in the smallest unit; -1 stands for what a record
    does not say.

    Examples
    --------
    >>> import sharematch as sm
    >>> def by_weight(pairs: sm.measures.Pairs):
    ...     return pairs.need("weight")
    """

    def __len__(self) -> int:
        """Return how many pairs there are."""
        ...

    def need(self, field: str) -> Ints:
        """Return a field of each pair's need, such as ``"weight"``."""
        ...

    def slot(self, field: str) -> Ints:
        """Return a field of each pair's slot, such as ``"fee"``."""
        ...

    def facility(self, field: str) -> Ints:
        """Return a field of each pair's facility, such as ``"opening_cost"``."""
        ...

    def pair(self, field: str) -> Ints:
        """Return what is known of the pair itself.

        ``travel``, ``tier``, ``rank``, ``wait``, ``lateness``; ``cost`` and ``units``
        of its own record. Of a unit's booking: ``start``, ``minutes``, ``steps``; for
        all of its steps ``fee``, ``staff_fee`` and ``unit_cost``; ``unpreferred``, and
        ``lot``, how many units are one. ``earlier``: units of a baseline.
        """
        ...

    def ids(self, record: Record) -> tuple[str, ...]:
        """Return the id of each pair's record: its need, slot and so on."""
        ...

    def numbers(self, record: Record, by_id: Mapping[str, int], other: int = 0) -> Ints:
        """Return numbers known by id for each pair's record, `other` where unknown."""
        ...

    def bears(self, record: Record, label: str) -> Bools:
        """Return whether each pair's record bears a label.

        A group of needs, a feature of facilities, a tag of communities, or the id of
        any record itself.
        """
        ...


@dataclass(frozen=True, slots=True)
class LinearForm:
    """What a plan is worth: Σ `per_unit` × units over pairs, and the parts below.

    Arrays are by pair; None adds nothing.

    Parameters
    ----------
    per_unit
        What each unit on a pair adds.
    adds_size, per_size
        Whether what a group asks for (or has places for) is added to the sum, or
        divides it.
    slot_use, facility_use
        What a slot, or facility, adds once any unit is in it.
    floor
        What cannot be below 0: "slot", each slot's part with its `slot_use`.
    start
        What each pair counts without units; it cannot go below 0 with them.
    lot
        How many units on each pair count as one.
    """

    per_unit: Ints | None = None
    adds_size: bool = False
    per_size: bool = False
    slot_use: Ints | None = None
    facility_use: Ints | None = None
    floor: Literal["slot"] | None = None
    start: Ints | None = None
    lot: Ints | None = None

    @property
    def looks_at_size(self) -> bool:
        """Whether a group's value depends on what it asks for or offers."""
        return self.adds_size or self.per_size

    @property
    def unit_sign(self) -> int:
        """-1 where units take off what is there without them, else 1."""
        return -1 if self.adds_size or self.start is not None else 1

    @property
    def looks_at_use(self) -> bool:
        """Whether it counts what slots or facilities add by being in use."""
        return self.slot_use is not None or self.facility_use is not None

    @property
    def is_fixed(self) -> bool:
        """Whether no plan changes it."""
        return self.per_unit is None and not self.looks_at_use


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure: its form, and what policies, tables and proofs have to know of it.

    Parameters
    ----------
    name
        As policies and files have it.
    side, unit
        Which groups it takes, and what it is told in.
    form
        What it counts on pairs.
    priced
        Whether prices can prove that a total is the best: "always" where it is a sum
        over units; "unopened" where it is one unless something costs to open;
        "minimized" where it is one only for who wants little of it; "never" else.
    counts
        Whether a group's value counts units of arcs one by one. Prices prove goals over
        groups of such measures alone.
    shown_in
        The tables it is always shown in, and its place in their order; "asked" where it
        is shown if the policy looks at it.
    reads
        Fields beyond ids, groups and sizes that tell it, as "record.field": what is
        published of them is what the policy's measures read.
    place
        Whose community and area a group or filter by place means.
    by_assignment
        Whether a single assignment has a value.
    has_past
        Whether earlier rounds count.
    serves
        1 where to want more of it is to ask for service, -1 where to want less is.
    is_spent
        Whether a plan is the better the less there is of it.
    never_above
        A measure that is never less, where that says better how great it can be.
    origin
        The function that counts it, where it is one of somebody's own.
    text
        What it is called then, by language.
    only_in_rules
        Whether rules alone look at it, no goal and no table.
    may_be_published
        Whether its value on every pair may be seen by anybody.

    Examples
    --------
    >>> from sharematch.model.measures import MEASURES
    >>> MEASURES["travel"].side, MEASURES["travel"].unit
    ('both', 'distance')
    """

    name: str
    side: Side
    unit: Unit
    form: Callable[[Pairs], LinearForm]
    # Every measure answers for itself what prices prove of it: there are no defaults.
    priced: Literal["always", "unopened", "minimized", "never"] = field(kw_only=True)
    counts: bool = field(kw_only=True)
    shown_in: Mapping[Table, int] | Literal["asked"] = field(
        default="asked", kw_only=True
    )
    reads: tuple[str, ...] = field(default=(), kw_only=True)
    place: Literal["need", "slot"] = field(default="need", kw_only=True)
    by_assignment: bool = field(default=True, kw_only=True)
    has_past: bool = field(default=False, kw_only=True)
    serves: Literal[-1, 0, 1] = field(default=0, kw_only=True)
    is_spent: bool = field(default=False, kw_only=True)
    never_above: str = field(default="", kw_only=True)
    origin: str = field(default="", kw_only=True)
    text: Mapping[str, str] = field(default_factory=dict, kw_only=True)
    only_in_rules: bool = field(default=False, kw_only=True)
    may_be_published: bool = field(default=True, kw_only=True)

    @property
    def needs_baseline(self) -> bool:
        """Whether it compares a plan with an earlier one."""
        return "pair.earlier" in self.reads

    @property
    def is_share_of_places(self) -> bool:
        """Whether its value changes with how many places there are, used or not."""
        return self.unit == "ratio" and self.side == "slot"

    @property
    def scale(self) -> int:
        """How many of the smallest unit make one as people say it."""
        return 100 if self.unit == "money" else 1

    def to_minor(self, value: Fraction) -> Fraction:
        """Return a number of a policy in the smallest unit."""
        return value * self.scale

    def to_major(self, value: int | Fraction | tuple[Fraction, ...]) -> GoalNumber:
        """Return a value in the smallest unit as people say it: money is decimal."""
        if self.unit != "money":
            return value
        if isinstance(value, tuple):
            return tuple(each / self.scale for each in value)
        return Decimal(int(value)).scaleb(-2)

    def number(self, over: Any, under: Any = 1) -> Number:
        """Return a value in the smallest unit, given as a ratio of whole numbers."""
        if self.unit == "ratio":
            return Fraction(int(over), int(under)) if under else Fraction(0)
        if self.unit == "money":
            return Decimal(int(over)).scaleb(-2)
        return int(over)

    def read(self, value: Any) -> Number:
        """Return a number of a file; ValueError for what is none, or out of range."""
        number = exact(value)
        if self.unit == "ratio" or (number * self.scale).denominator != 1:
            return number
        return self.number(number * self.scale)
