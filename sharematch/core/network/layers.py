"""Layers: families of disjoint sets of arcs whose units a policy bounds or compares.

Each limit of a record, rule or goal by group becomes sets S with

    lower_S ≤ Σ over arcs a in S of x_a ≤ upper_S, whole numbers:

a bound b on a ratio (constant + step × x) ÷ size is x ≥ ⌈(b × size - constant) ÷ step⌉,
as every arc that counts adds the same step.

Example: "each community at least half served" over communities that ask for 3 and 4
is a layer of two sets with lower bounds 2 and 2.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.attributes import Key
from sharematch.core.columns.codes import NONE
from sharematch.core.columns.integers import LIMIT, total
from sharematch.core.eligibility.bookings import cell_names, days_of
from sharematch.core.measures.admission import bounds_of
from sharematch.core.measures.ceilings import Ceilings, has_ceilings
from sharematch.core.measures.groups import Grouping
from sharematch.core.measures.measures import Measures
from sharematch.core.network.program import Source
from sharematch.model.measures import MEASURES
from sharematch.model.vocabulary import group_side, units_below_alone
from sharematch.model.wording import named_term

__all__ = ["Layer", "Layers", "has_layer", "takes_part"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Layer:
    """Disjoint sets of arcs with bounds on their units."""

    source: Source
    sides: tuple[str, ...]
    """Where it may stand in the network, the better side first."""
    label: Ints
    keys: Sequence[Any]
    lower: Ints
    upper: Ints
    term: str = ""
    """The rule or goal, for messages."""


class Layers:
    """The layers of records, rules and goals over the arcs that the rules admit.

    None of these may couple, see `sharematch.core.network.uncoupled`.

    Parameters
    ----------
    alone
        For the bound "alone": what each community can be served by itself.

    Attributes
    ----------
    unbounded
        An upper bound that no plan reaches beyond.
    broken
        The rules that no plan can meet, whatever the others say; they bound nothing.
    """

    def __init__(
        self,
        measures: Measures,
        rules: Sequence[Any],
        goals: Sequence[Any],
        alone: Mapping[str, int],
    ) -> None:
        self.measures = measures
        self.columns, self.arcs = measures.columns, measures.arcs
        self.rules, self.goals = rules, goals
        self.alone = alone
        columns = self.columns
        # One more than all that is asked for: so no bound of it can ever be tight.
        self.unbounded = total(columns.need_quantity * columns.need_times) + 1
        self.broken: list[Source] = []

    def of_records(self) -> Iterator[Layer]:
        """Yield what needs ask for, and what slots and facilities have room for."""
        columns, arcs = self.columns, self.arcs
        yield Layer(
            Source("quantity"),
            ("need",),
            arcs.need,
            columns.need_ids,
            np.zeros(len(columns.need_ids), np.int64),
            columns.need_quantity * columns.need_times,
        )
        yield from self._by_day()
        cells, names = columns.cells, cell_names(columns)
        zero = np.zeros(len(cells), np.int64)
        room = columns.slot_capacity[cells.slot]
        # Where bookings take no more than a step, it is enough to look at each.
        yield Layer(Source("capacity"), ("slot",), arcs.moment, names, zero, room)
        guest = (columns.slot_reserve > 0)[arcs.slot] & (arcs.tier > 0)
        if guest.any():
            yield Layer(
                Source("reserve"),
                ("slot",),
                np.where(guest, arcs.moment, NONE),
                names,
                zero,
                room - columns.slot_reserve[cells.slot],
            )
        is_limited = columns.facility_max_units != NONE
        if is_limited[columns.slot_facility].any():
            facility = np.where(is_limited, np.arange(len(is_limited)), NONE)
            label = facility[columns.slot_facility][arcs.slot]
        else:
            label = arcs.slot[:0]
        if (label != NONE).any():
            yield Layer(
                Source("max_units"),
                ("slot",),
                label,
                columns.facility_ids,
                np.zeros(len(columns.facility_ids), np.int64),
                columns.facility_max_units,
            )

    def _by_day(self) -> Iterator[Layer]:
        """Yield how many bookings of a need may begin on one day."""
        label, keys, most = days_of(self.columns, self.arcs)
        if len(keys):
            zero = np.zeros(len(keys), np.int64)
            yield Layer(Source("per_day"), ("need",), label, keys, zero, most)

    def of_rules(self) -> Iterator[Layer]:
        """Yield the bounds of rules on groups."""
        for position, rule in enumerate(self.rules):
            if rule.by == "assignment":
                continue
            name = named_term("rule", position, rule)
            yield from self._layers_of_rule(position, rule, name)

    def _layers_of_rule(self, position: int, rule: Any, name: str) -> Iterator[Layer]:
        source = Source("rule", position)
        grouping = self.measures.grouping(rule.measure, rule.by, rule.where)
        judged = grouping.judged if rule.by is not None else np.ones(1, bool)
        bounds: list[Fraction | None] = [Fraction(0)] * len(judged)
        if units_below_alone(rule) is None:
            bounds = bounds_of(self.columns, rule, grouping)
            judged = judged & np.array([bound is not None for bound in bounds], bool)
        form = self.measures.form(rule.measure)
        constant = self.measures.constant(form, grouping)
        if form.is_fixed:
            holds = [
                value <= bound if rule.op == "at_most" else value >= bound
                for value, bound, counts in zip(
                    constant.tolist(), bounds, judged.tolist(), strict=True
                )
                if counts and bound is not None
            ]
            if not all(holds):
                self.broken.append(source)
            return
        per_unit = self.measures.coefficients(rule.measure)[grouping.arc]
        size = self.measures.denominator(form, grouping)
        # What a unit adds is the same on all arcs that count, else the rule couples.
        step = form.unit_sign * (int(np.abs(per_unit).max(initial=0)) or 1)
        keep = (per_unit != 0) & judged[grouping.group]
        low = np.zeros(len(grouping.keys), np.int64)
        high = np.full(len(grouping.keys), self.unbounded, np.int64)
        for group in np.flatnonzero(judged):
            bound = bounds[group]
            assert bound is not None  # it would not be judged
            units = (bound * int(size[group]) - int(constant[group])) / step
            key = grouping.keys[group]
            least, most = self._unit_bounds(rule, key, units, rises=step > 0)
            low[group] = max(0, min(least, LIMIT))
            high[group] = max(-1, min(most, self.unbounded))
        sizes = np.bincount(grouping.group[keep], minlength=len(low))
        # It cannot hold, whatever the plan: said of the rule, not of the whole network.
        if (high < low).any() or (low[sizes == 0] > 0).any():
            self.broken.append(source)
            low, high = np.minimum(low, 0), np.maximum(high, 0)
        sides = _sides(rule)
        for label in grouping.families(keep, len(self.arcs)):
            yield Layer(source, sides, label, grouping.keys, low, high, name)

    def _unit_bounds(
        self, rule: Any, key: Key, units: Fraction, *, rises: bool
    ) -> tuple[int, int]:
        """Return the least and the most units of one group that a rule allows.

        With `units`, perhaps not whole, it would be at its bound; `rises` says whether
        units add to its measure.
        """
        below = units_below_alone(rule)
        if below is not None:
            assert isinstance(key, str)
            return max(self.alone.get(key, 0) - below, 0), self.unbounded
        if (rule.op == "at_least") == rises:
            return ceil(units), self.unbounded
        return 0, floor(units)

    def of_goals(self) -> Iterator[Layer]:
        """Yield the groups that goals compare, or count up to a ceiling."""
        for position, goal in enumerate(self.goals):
            name = named_term("goal", position, goal)
            if not has_layer(goal):
                continue
            grouping = self.measures.grouping(goal.measure, goal.by, goal.where)
            entries = self.measures.coefficients(goal.measure)[grouping.arc] != 0
            keep = entries & takes_part(self.measures, goal, grouping)[grouping.group]
            count = len(grouping.keys)
            zero = np.zeros(count, np.int64)
            most = np.full(count, self.unbounded, np.int64)
            source, sides = Source("goal", position), _sides(goal)
            for label in grouping.families(keep, len(self.arcs)):
                yield Layer(source, sides, label, grouping.keys, zero, most, name)


def has_layer(goal: Any) -> bool:
    """Return whether a goal looks at how many units its groups have."""
    return goal.op in ("leximin", "leximax") or has_ceilings(goal)


def takes_part(measures: Measures, goal: Any, grouping: Grouping) -> Bools:
    """Return the groups that a goal compares, or counts up to a ceiling."""
    if has_ceilings(goal):
        return Ceilings(measures, goal).has_ceiling
    weights = measures.weights(goal, grouping)
    takes = grouping.judged & np.array([w > 0 for w in weights], bool)
    return np.asarray(takes, bool)


def _sides(term: Any) -> tuple[str, ...]:
    """Return the sides a term may stand on, the more natural one first."""
    keys = [*term.groups, *(term.where or {})]
    sides = [group_side(key, term.measure) for key in keys]
    if sides.count("slot") > sides.count("need") or (
        not sides and MEASURES[term.measure].side == "slot"
    ):
        return ("slot", "need")
    return ("need", "slot")
