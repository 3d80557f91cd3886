"""Plans by scarcity: who can go elsewhere leaves room for who cannot."""

from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

import sharematch as sm
from sharematch.core.columns.encoding import encode
from sharematch.core.integer.coupled import CoupledProgram
from sharematch.engine.problem import Problem
from sharematch.solvers.anytime.board import Board
from sharematch.solvers.anytime.construction import constructed
from sharematch.solvers.anytime.greedy import first_come_values
from sharematch.solvers.anytime.worth import worth
from sharematch.solvers.monitor import UNWATCHED
from tests.engine.test_coupled_brute_force import case
from tests.solvers.anytime.test_leftovers import season

FIVE = datetime(2027, 3, 1, 17)


def lowered(instance: sm.Instance, policy: sm.Policy, baseline: Any = None) -> Any:
    columns = encode(instance)
    return Problem.of(columns, policy, 0, baseline).program


def hall(hours: int, needs: list[sm.Need], **slot: Any) -> sm.Instance:
    return sm.Instance(
        communities=[sm.Community(id="tianfeng")],
        facilities=[sm.Facility(id="hall", community="tianfeng")],
        slots=[
            sm.Slot(
                id=f"s{i}",
                facility="hall",
                kinds=["hall"],
                start=FIVE + timedelta(hours=i),
                end=FIVE + timedelta(hours=i + 1),
                **{"capacity": 2, **slot},
            )
            for i in range(hours)
        ],
        needs=needs,
    )


def club(name: str, first: int, last: int, **more: Any) -> sm.Need:
    window = (FIVE + timedelta(hours=first), FIVE + timedelta(hours=last))
    return sm.Need(
        id=name,
        community="tianfeng",
        kind="hall",
        quantity=2,
        whole=True,
        windows=[window],
        **more,
    )


def best_served(program: CoupledProgram) -> int:
    plans = [values for values in constructed(program) if program.rows.holds(values)]
    return max(int(program.lift(values).sum()) for values in plans)


def test_who_can_come_later_leaves_the_early_hour():
    town = hall(2, [club("a", 0, 2), club("b", 0, 1)])
    program = lowered(town, sm.Policy(goals=[sm.Maximize("served")]))
    assert best_served(program) == 4


def test_slots_with_too_few_units_are_closed_and_their_needs_go_elsewhere():
    needs = [club("a", 0, 2), club("b", 0, 1)]
    town = hall(2, needs, capacity=4, min_units=4)
    program = lowered(town, sm.Policy(goals=[sm.Maximize("served")]))
    assert best_served(program) == 4


def test_a_limit_on_what_hosts_lose_holds_at_every_step():
    needs = [club(f"n{i}", 0, 3) for i in range(3)]
    town = hall(3, needs, opening_cost=5)
    rule = sm.AtMost("subsidy", 10)
    program = lowered(town, sm.Policy(rules=[rule], goals=[sm.Maximize("served")]))
    plans = [*constructed(program)]
    assert all(program.rows.holds(values) for values in plans)
    assert best_served(program) == 4


def test_sessions_without_a_step_are_held_in_one_facility():
    need = sm.Need(id="n", community="tianfeng", kind="hall", sessions=3)
    town = hall(4, [need])
    program = lowered(town, sm.Policy(goals=[sm.Maximize("served")]))
    assert best_served(program) == 3


@pytest.mark.parametrize("first", range(0, 128, 32))
def test_what_a_plan_needs_of_each_limit_is_known_at_every_step(first: int):
    for seed in range(first, first + 32):
        instance, policy, baseline, _ = case(seed)
        program = lowered(instance, policy, baseline)
        if not isinstance(program, CoupledProgram):
            continue
        for values in constructed(program):
            board = Board(program)
            board.load(values)
            assert (board.complete() == values).all(), seed
            assert (program.values_of(program.lift(values)) == values).all(), seed
            held = program.rows.matrix[board.limits] @ values
            assert (board.room == program.rows.most[board.limits] - held).all(), seed


@pytest.mark.parametrize("seed", range(3))
def test_first_come_takes_the_nearest_that_is_free(seed: int):
    instance, policy = season(seed)
    program = lowered(instance, policy)
    values = first_come_values(program, UNWATCHED)
    assert values is not None
    assert program.rows.holds(values)
    board = Board(program)
    board.load(values)
    unserved = {
        program.measures.columns.need_ids[need]
        for need in range(len(board.demand))
        if board.served[need] == 0 and board.fitting(board.columns_of(need)).any()
    }
    assert not unserved


def test_the_least_are_served_bit_by_bit():
    clubs = ("tianfeng", "lianqiao", "junmiao")
    instance = sm.Instance(
        communities=[sm.Community(id=club) for club in clubs],
        facilities=[sm.Facility(id="hall", community="tianfeng")],
        slots=[
            sm.Slot(
                id=f"day{day}",
                facility="hall",
                kinds=["sport"],
                capacity=1,
                start=datetime(2027, 9, 6 + day, 17),
                end=datetime(2027, 9, 6 + day, 20),
                step=30,
            )
            for day in range(3)
        ],
        needs=[
            sm.Need(
                id=f"{club}-team",
                community=club,
                kind="sport",
                minutes=90,
                times=4,
                per_day=4,
            )
            for club in clubs
        ],
    )
    fair = sm.Leximin("fill_rate", by="community")
    program = lowered(instance, sm.Policy(goals=[fair]))
    plans = [v for v in constructed(program) if program.rows.holds(v)]
    # Six bookings for three clubs that ask for four each.
    (rates,) = max(worth(program, values) for values in plans)
    assert rates == (Fraction(1, 2),) * 3
