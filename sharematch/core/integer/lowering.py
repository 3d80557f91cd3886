"""Lowering: records, rules and goals of any kind as rows over integers.

    variables    of arcs and series (`variables`)
    rows         of records (`constraints`), decisions, rules (`rules`), switches
    goals        over sums of them (`goals`)

`lower_coupled` turns arcs and a policy into a `CoupledProgram`;
`CoupledProgram.lift` reads the units on each arc back.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from sharematch.core.columns.codes import NONE
from sharematch.core.integer.constraints import add_records
from sharematch.core.integer.coupled import CoupledProgram, Terms
from sharematch.core.integer.expressions import Forms
from sharematch.core.integer.goals import GoalForms
from sharematch.core.integer.program import Draft
from sharematch.core.integer.ranges import Ranges
from sharematch.core.integer.rules import RuleRows
from sharematch.core.integer.variables import Seats
from sharematch.core.measures.measures import Measures
from sharematch.core.network.program import Source

__all__ = ["lower_coupled"]

Ints = NDArray[np.int64]


def lower_coupled(
    measures: Measures,
    rules: Sequence[Any],
    goals: Sequence[Any],
    *,
    seed: int = 0,
    alone: Mapping[str, int] | None = None,
    pins: Ints | None = None,
    check: Callable[[], None] = lambda: None,
) -> CoupledProgram:
    """Return the rows of a policy over the arcs that its rules admit.

    Parameters
    ----------
    measures
        Over the admitted arcs.
    alone
        For the bound "alone": what each community can be served by itself.
    pins
        Units that must stay on each arc.
    check
        Called again and again on the way; what it raises ends it.

    Raises
    ------
    InputError
        For a filter or weight that names what the instance does not have, `moved`
        without a baseline, or numbers beyond 64 bits.
    """
    check()
    draft = Draft(check)
    seats = Seats(draft, measures, seed)
    add_records(seats)
    if pins is not None:
        _pin(seats, pins)
    forms, ranges = Forms(measures, seats), Ranges(draft, seats)
    rule_rows = RuleRows(measures, forms, draft, ranges, alone or {})
    for position, rule in enumerate(rules):
        if rule.by != "assignment":
            rule_rows.add(position, rule)
    goal_forms = GoalForms(measures, forms, draft, ranges)
    lowered = tuple(goal_forms.lower(i, goal) for i, goal in enumerate(goals))
    # Last, when all switches are there: which lie in which is known only then.
    seats.switches.link()
    terms = Terms(tuple(rules), tuple(goals), seed, alone or {}, pins)
    rows = draft.finish()
    cover = csr_array(
        (seats.entry_units, (seats.entry_arc, seats.entry_variable)),
        shape=(len(measures.arcs), rows.num_variables),
    )
    owner = np.full(rows.num_variables, NONE, np.int64)
    owner[seats.entry_variable] = seats.leader[measures.arcs.need[seats.entry_arc]]
    return CoupledProgram(
        measures,
        terms,
        rows,
        lowered,
        seats.variable,
        seats.step,
        cover,
        owner,
        seats.leader,
        seats.demand,
        draft.definitions.finish(rows.num_variables),
        seats.windows,
        seats.date_variable,
    )


def _pin(seats: Seats, pins: Ints) -> None:
    held = np.flatnonzero(pins > 0)
    single = seats.variable[held] != seats.nothing
    least = -(-pins[held] // seats.step[held])
    place, variable, _ = seats.expand(held)
    alone = single[place]
    seats.draft.bound(variable[alone], least=least[place[alone]])
    in_series = np.flatnonzero(~single)
    row = np.searchsorted(in_series, place[~alone])
    seats.draft.rows(
        Source("decision"),
        row,
        variable[~alone],
        1,
        least=least[in_series],
        count=len(in_series),
    )
