"""Which solver is chosen, why the others are not, and that no form is made twice."""

from typing import Any

import pytest

import sharematch as sm
from sharematch.core.columns.encoding import encode
from sharematch.core.network.uncoupled import Reason
from sharematch.engine import choice, problem
from sharematch.engine.choice import SOLVERS, choose
from sharematch.engine.problem import Problem
from sharematch.solvers.monitor import Monitor
from sharematch.text import told

FEWER = sm.Policy(rules=[sm.AtMost("opened_slots", 1)], goals=[sm.Maximize("served")])
CALM = sm.Policy(rules=[sm.AtMost("moved", 1)], goals=[sm.Maximize("served")])
KEPT = sm.Allocation([("mon", "tai chi", 1)])


def town(**need: Any) -> sm.Instance:
    return sm.Instance(
        communities=[sm.Community(id="tianfeng")],
        facilities=[sm.Facility(id="hall", community="tianfeng")],
        slots=[
            sm.Slot(id=day, facility="hall", kinds=["sport"], capacity=3)
            for day in ("mon", "tue")
        ],
        needs=[
            sm.Need(id="tai chi", community="tianfeng", kind="sport", **need),
            sm.Need(id="choir", community="tianfeng", kind="culture"),
        ],
        decisions=[sm.Decision(need="choir", slot="mon", status="pinned")]
        if not need
        else [],
    )


def asked(instance: sm.Instance, policy: sm.Policy, **rest: Any) -> Problem:
    return Problem.of(encode(instance), policy, **rest)


@pytest.mark.parametrize(
    ("instance", "policy", "name"),
    [
        (town(), sm.Policy.first_come(), "Impossible"),
        (town(quantity=2), sm.Policy.first_come(), "FirstCome"),
        (town(quantity=2, whole=True), sm.Policy.first_come(), "FirstCome"),
        (town(quantity=2), sm.Policy.fair(), "Flow"),
        (town(quantity=2), FEWER, "Decomposed"),
        (town(quantity=2, whole=True), sm.Policy.fair(), "Integer"),
        (town(quantity=2), CALM, "Integer"),
    ],
)
def test_the_first_solver_that_supports_a_problem_is_chosen(
    instance: sm.Instance, policy: sm.Policy, name: str
):
    this = asked(instance, policy, baseline=KEPT)
    chosen = choose(this)
    assert type(chosen).__name__ == name
    before = SOLVERS[: [type(s) for s in SOLVERS].index(type(chosen))]
    reasons = [solver.supports(this) for solver in before]
    assert all(isinstance(reason, Reason) for reason in reasons)
    assert all(told(reason, "zh") != reason for reason in reasons)
    assert choose(this).supports(this) is None


def test_many_moves_are_priced(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(choice, "FEW_ARCS", 0)
    this = asked(town(quantity=2), CALM, baseline=KEPT)
    assert type(choose(this)).__name__ == "BudgetedFlow"
    in_turn = asked(town(quantity=2), CALM, baseline=KEPT, turns=["tai chi"])
    assert type(choose(in_turn)).__name__ == "Integer"
    alone = asked(town(quantity=2, whole=True), CALM, baseline=KEPT)
    assert str(choice.BudgetedFlow().supports(alone)) == (
        'need "tai chi": whole couples needs or slots'
    )


@pytest.mark.parametrize("policy", [sm.Policy.fair(), FEWER, CALM])
@pytest.mark.parametrize("whole", [False, True])
def test_each_form_is_made_once(
    policy: sm.Policy, monkeypatch: pytest.MonkeyPatch, *, whole: bool
):
    made: list[str] = []

    def counted(name: str) -> Any:
        make = getattr(problem, name)

        def counting(*args: Any, **rest: Any) -> Any:
            made.append(name)
            return make(*args, **rest)

        return counting

    for name in ("flow_of", "lower_coupled", "division_of", "recognized"):
        monkeypatch.setattr(problem, name, counted(name))
    result = sm.solve(town(quantity=2, whole=whole), policy, baseline=KEPT)
    assert result.is_optimal
    assert len(made) == len(set(made))
    assert "flow_of" in made


def test_some_rules_and_decisions_are_a_problem_of_their_own():
    whole = asked(town(), FEWER)
    assert whole.program is None
    assert not choice.may_have_plan(whole, Monitor.of())
    part = whole.under(whole.rules, [])
    assert choice.may_have_plan(part, Monitor.of())
    assert part.everything is whole.everything
    assert (part.goals, part.turns) == ((), None)
