"""What couples, as rows: spans that overlap, courses, least use, groups kept close."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import combinations, pairwise
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sharematch as sm
from sharematch.core.columns.encoding import encode
from sharematch.core.eligibility import arcs
from sharematch.core.integer.constraints import cliques
from sharematch.core.integer.lowering import lower_coupled
from sharematch.core.integer.partition import coupled_arcs, labels, part
from sharematch.core.integer.program import Total
from sharematch.core.integer.relaxation import relaxation
from sharematch.core.measures.measures import Measures
from sharematch.solvers.flow.lexicographic import solve_network

MORNING = datetime(2026, 12, 7, 9)
GIFT = sm.Policy(goals=[sm.Maximize("served")])


def town(needs: Sequence[sm.Need], slots: Sequence[sm.Slot]) -> sm.Instance:
    return sm.Instance(
        communities=[sm.Community(id=name) for name in ("tianfeng", "lianqiao")],
        facilities=[sm.Facility(id="hall", community="tianfeng")],
        slots=slots,
        needs=needs,
    )


def need(id_: str, quantity: int, **fields: Any) -> sm.Need:
    fields = {"community": "tianfeng", "kind": "any", **fields}
    return sm.Need(id=id_, quantity=quantity, **fields)


def slot(id_: str, capacity: int, **fields: Any) -> sm.Slot:
    fields = {"kinds": ["any"], **fields}
    return sm.Slot(id=id_, facility="hall", capacity=capacity, **fields)


def hour(id_: str, after: int) -> sm.Slot:
    """Return a place for an hour from so many minutes after nine."""
    start = MORNING + timedelta(minutes=after)
    return slot(id_, 1, start=start, end=start + timedelta(hours=1))


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 4)), max_size=8))
def test_cliques_are_the_maximal_sets_of_spans_that_overlap(spans: Any):
    start = np.array([begin for begin, _ in spans], np.int64)
    end = start + np.array([length for _, length in spans], np.int64)
    graph: nx.Graph[int] = nx.Graph()
    graph.add_edges_from(
        (one, other)
        for one, other in combinations(range(len(spans)), 2)
        if start[one] < end[other] and start[other] < end[one]
    )
    found = [frozenset(clique.tolist()) for clique in cliques(start, end)]
    assert len(found) == len({*found})
    assert {*found} == {frozenset(clique) for clique in nx.find_cliques(graph)}


@pytest.mark.parametrize(
    ("after", "served"),
    [((0,), 0), ((0, 30), 0), ((0, 60), 2), ((0, 30, 60), 2), ((0, 30, 60, 90), 2)],
)
def test_sessions_of_a_course_never_overlap(after: tuple[int, ...], served: int):
    course = need("course", 1, sessions=2)
    result = sm.solve(town([course], [hour(f"s{x}", x) for x in after]), GIFT)
    plan = result.allocation
    assert plan is not None
    assert len(plan) == served
    starts = sorted(int(a.slot[1:]) for a in plan)
    assert all(late - early >= 60 for early, late in pairwise(starts))


@pytest.mark.parametrize(
    ("changes", "coupled"),
    [
        ({}, set()),
        ({"min_units": 2}, {"mon"}),
        ({"min_units": 1}, set()),
        ({"either": "e"}, set()),
    ],
)
def test_arcs_couple_where_their_records_do(changes: Any, coupled: set[str]):
    slots = [slot("mon", 3, **changes), slot("tue", 3)]
    columns = encode(town([need("x", 2), need("y", 2)], slots))
    measures = Measures(columns, arcs.build(columns))
    found = coupled_arcs(lower_coupled(measures, [], GIFT.goals))
    at = measures.arcs.slot[found]
    assert {columns.slot_ids[s] for s in at} == coupled
    assert len(at) == 2 * len(coupled)


def test_no_group_is_within_anything():
    instance = town([need("x", 2)], [slot("mon", 3)])
    nobody = sm.Within("served", 1, by="community", where={"kind": "other"})
    result = sm.solve(instance, sm.Policy(rules=[nobody], goals=GIFT.goals))
    assert result.value("served") == 2


PRIMES = (1_000_003, 1_000_033, 1_000_037)
"""Their product is beyond 2**59: no number is a multiple of all three shares."""


@pytest.mark.parametrize(
    ("room", "served"),
    [
        # The second has 0, so a tenth of the first, rounded down, may be served.
        ((1_000_003, 0, 0), 100_000),
        ((1_000_003, 200_000, 0), 100_000 + 100_003),
        # The second is served worst; the others get a tenth more, rounded down.
        ((1_000_003, 500_000, 1_000_037), 599_985 + 500_000 + 600_005),
    ],
)
def test_large_groups_are_kept_within_a_width_two_by_two(
    room: tuple[int, ...], served: int
):
    kinds = "abc"
    instance = town(
        [need(k, size, kind=k) for k, size in zip(kinds, PRIMES, strict=True)],
        [slot(k, size, kinds=[k]) for k, size in zip(kinds, room, strict=True)],
    )
    width = sm.Within("fill_rate", "1/10", by="kind")
    result = sm.solve(instance, sm.Policy(rules=[width], goals=GIFT.goals))
    assert (result.status, result.value("served")) == ("optimal", served)


def test_totals_of_parts_add_up_to_the_whole_but_for_what_is_constant():
    needs = [need(f"{k}{i}", 2, kind=k, whole=True) for k in "ab" for i in range(2)]
    slots = [slot(k, 3, kinds=[k]) for k in "ab"]
    columns = encode(town(needs, slots))
    measures = Measures(columns, arcs.build(columns))
    program = lower_coupled(measures, [], [sm.Minimize("unmet")])
    count, label = labels(program.rows)
    assert count == 2
    values = program.rows.upper
    (goal,) = program.goals
    assert isinstance(goal, Total)
    assert goal.constant + int(goal.factor @ values[goal.variable]) == 8 - 8
    sums = []
    for one in (part(program, np.flatnonzero(label == i)) for i in range(count)):
        (own,) = one.goals
        assert isinstance(own, Total)
        sums.append(own.constant + int(own.factor @ values[one.variable][own.variable]))
    assert sums == [-4, -4]


@pytest.mark.parametrize(
    ("rules", "served"),
    [
        ([], 6),
        ([sm.AtMost("served", 3)], 3),
        ([sm.AtMost("opened_slots", 1), sm.AtMost("served", 5)], 5),
        ([sm.AtMost("served", 4), sm.Within("served", 0, by="need")], 4),
    ],
)
def test_rules_of_networks_are_kept_beside_those_that_couple(rules: Any, served: int):
    instance = town([need(k, 3) for k in "ab"], [slot(k, 3, min_units=2) for k in "ab"])
    columns = encode(instance)
    measures = Measures(columns, arcs.build(columns))
    relaxed = relaxation(lower_coupled(measures, rules, GIFT.goals))
    assert relaxed is not None
    assert relaxed.has_all == (len(rules) < 2)
    found = solve_network(relaxed.program)
    assert found is not None
    assert relaxed.lift(found.units).sum() == served
