"""Whether one more unit would make a plan better, with nobody moved.

Where no prices prove a plan, this is what can be told without a solver: a plan to which
a need can be added, and that would be better then, is not the best.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.codes import NONE
from sharematch.core.columns.integers import sums
from sharematch.core.measures.capacity import full_by
from sharematch.plans.auditing.audited import Audited
from sharematch.plans.results.plan import allocation_of
from sharematch.plans.verification import verify
from sharematch.text import Text

__all__ = ["better_by_one", "forbidden_but_fits", "idle_by_one"]

Ints = NDArray[np.int64]
MOST_PAIRS = 2_000_000
"""Pairs of plans looked at in all: few additions to a large plan, many to a small."""


def better_by_one(audited: Audited) -> str:
    """Return the addition that shows a claimed optimum or bound to be false, or ""."""
    if not audited.result.goals:
        return ""
    added = next(_additions(audited, lambda _, units: _gains(audited, units)), None)
    return "" if added is None else _better(*added)


def idle_by_one(audited: Audited) -> str:
    """Return an addition that leaves all goals as they are, or "": lots take it."""
    added = next(
        _additions(audited, lambda _, units: _is_as_good(audited, units)), None
    )
    return "" if added is None else _better(*added)


def forbidden_but_fits(audited: Audited) -> Iterator[tuple[str, str]]:
    """Yield needs, and slots into which they fit, that are said to be kept out."""
    kept_out = {u.need for u in audited.result.unmet if u.reason in ("rule", "coupled")}
    ids, need = audited.columns.need_ids, audited.measures.arcs.need
    yield from _additions(audited, lambda arc, _: ids[need[arc]] in kept_out)


def _better(need: str, slot: str) -> str:
    return Text("claim.fits_into_besides_which_is_better", need=need, slot=slot)


def _additions(
    audited: Audited, is_wanted: Callable[[int, Ints], bool]
) -> Iterator[tuple[str, str]]:
    """Yield what else fits into a plan, with nobody moved, and is wanted."""
    columns, arcs = audited.columns, audited.measures.arcs
    width = len(audited.result.allocation) + len(arcs) // 10 + 1
    for arc, quantity in _candidates(audited, max(1, MOST_PAIRS // (50 * width))):
        units = audited.units.copy()
        units[arc] += quantity
        if is_wanted(arc, units) and _holds(audited, units):
            yield columns.need_ids[arcs.need[arc]], columns.slot_ids[arcs.slot[arc]]


def _candidates(audited: Audited, most: int) -> Iterator[tuple[int, int]]:
    """Yield arcs that may take more of an unmet need, and how much at once."""
    columns, arcs = audited.columns, audited.measures.arcs
    lacking = columns.need_demand - sums(
        arcs.need, audited.units, len(columns.need_ids)
    )
    served = columns.need_demand - lacking
    has_room = full_by(audited.measures, audited.units) == NONE
    alone = (columns.need_together == NONE) & (columns.need_sessions == 1)
    fitting = np.flatnonzero(has_room & (lacking[arcs.need] > 0) & alone[arcs.need])
    for arc in fitting[:most].tolist():
        need = int(arcs.need[arc])
        if columns.need_whole[need]:
            yield arc, int(columns.need_quantity[need])
        else:
            yield arc, max(1, int(columns.need_min_quantity[need] - served[need]))


def _gains(audited: Audited, units: Ints) -> bool:
    """Return whether other units beat what is claimed of the first goal they change.

    A goal with slack may be given up: there only what is worse counts.
    """
    for claim in audited.result.goals:
        value: Any = audited.measures.goal_value(claim.goal, units)
        now: Any = audited.measures.goal_value(claim.goal, audited.units)
        if value == now:
            continue
        is_better = (value > now) == (claim.goal.sense > 0)
        if not claim.goal.slack:
            has_claim = audited.result.is_optimal or claim.bound == claim.value
            return is_better and has_claim
        if not is_better:
            return False
    return False


def _is_as_good(audited: Audited, units: Ints) -> bool:
    """Return whether other units leave every goal as it is."""
    return all(
        audited.measures.goal_value(claim.goal, units)
        == audited.measures.goal_value(claim.goal, audited.units)
        for claim in audited.result.goals
    )


def _holds(audited: Audited, units: Ints) -> bool:
    columns, arcs = audited.columns, audited.measures.arcs
    plan = allocation_of(columns, arcs, units)
    result = audited.result
    return not verify(columns, plan, result.policy, baseline=result.baseline)
