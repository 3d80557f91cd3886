"""What couples in records: persons that could be in two places at once."""

from itertools import combinations

import pytest

from sharematch.core.columns.codes import NONE
from sharematch.core.columns.encoding import encode
from sharematch.core.measures.measures import Measures
from sharematch.core.network.uncoupled import coupled_records
from sharematch.engine.problem import Problem
from tests.engine.test_coupled_brute_force import case
from tests.solvers.anytime.test_leftovers import season


def first_in_two_places(measures: Measures) -> str | None:
    """Return the first need whose person has another that could be at its time."""
    columns, arcs = measures.columns, measures.arcs
    cells = columns.cells
    begin, end = cells.start[arcs.cell], cells.last(arcs.cell, arcs.steps)
    is_timed = columns.slot_is_timed[arcs.slot]
    needs: list[int] = []
    for one, other in combinations(range(len(arcs)), 2):
        of, by = int(arcs.need[one]), int(arcs.need[other])
        person = columns.need_person[of]
        if of == by or person == NONE or person != columns.need_person[by]:
            continue
        if not (is_timed[one] and is_timed[other]):
            continue
        is_plain = columns.slot_step[arcs.slot[one]] == NONE
        is_same = is_plain and arcs.slot[one] == arcs.slot[other]
        overlap = begin[one] < end[other] and begin[other] < end[one]
        rests = columns.need_rest[of] > 0 or columns.need_rest[by] > 0
        if is_same or overlap or rests:
            needs += [of, by]
    return columns.need_ids[min(needs)] if needs else None


@pytest.mark.parametrize("first", range(0, 120, 40))
def test_persons_in_two_places_are_found(first: int) -> None:
    towns = [case(seed)[:2] for seed in range(first, first + 40)]
    if not first:
        towns.append(season(0))
    num_clashing = 0
    for instance, policy in towns:
        measures = Problem.of(encode(instance), policy, 0, None).measures
        need = first_in_two_places(measures)
        told = [str(reason) for reason in coupled_records(measures)]
        of_persons = [text for text in told if "person" in text]
        assert bool(of_persons) == (need is not None), told
        assert all(f'"{need}"' in text for text in of_persons)
        num_clashing += need is not None
    assert num_clashing
