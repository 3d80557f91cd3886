"""What must hold for every instance, whatever the plan looks like."""

import json
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

import sharematch as sm
from sharematch.errors import UnsupportedError
from tests.engine.solved import solved_case
from tests.tiny import tiny_case

SEEDS = st.integers(0, 10**6)


def case(seed: int) -> tuple[sm.Instance, sm.Policy, sm.Result]:
    """Return a tiny case that is solved; others are passed over."""
    instance, policy, result = solved_case(seed)
    assume(result.is_optimal)
    return instance, policy, result


def better_or_equal(goal: Any, one: Any, other: Any) -> bool:
    """Return whether `one` is at least as good as `other` for a goal."""
    if goal.op in ("maximize", "leximin"):
        return bool(one >= other)
    return bool(one <= other)


def is_need_sided(goal: Any) -> bool:
    groups = (
        "slot",
        "facility",
        "provider",
        "sector",
        "day",
        "week",
        "month",
        "weekday",
        "weekday",
    )
    keys = [*goal.groups, *(goal.where or {})]
    slot_measures = ("used", "utilization", "lent", "cost", "subsidy")
    return goal.measure not in slot_measures and not set(keys) & set(groups)


@given(SEEDS)
def test_plans_are_feasible(seed: int):
    instance, policy, result = case(seed)
    assert sm.verify(instance, result.allocation, policy) == ()


@given(SEEDS)
def test_more_capacity_never_worsens_the_first_goal(seed: int):
    instance, policy, result = case(seed)
    assume(policy.goals and is_need_sided(policy.goals[0]))
    assume(all(getattr(rule, "bound", None) != "alone" for rule in policy.rules))
    slots = [
        slot.model_copy(update={"capacity": slot.capacity + 1})
        for slot in instance.slots
    ]
    # More room at a slot makes floors on its use harder to meet.
    assume(not any(rule.op == "at_least" and rule.groups for rule in policy.rules))
    wider = sm.solve(instance.replace(slots=slots), policy)
    assume(wider.is_optimal)
    goal = policy.goals[0]
    assert better_or_equal(goal, wider.goals[0].value, result.goals[0].value)


@given(SEEDS, st.data())
def test_dropping_a_rule_never_worsens_the_first_goal(seed: int, data: st.DataObject):
    instance, policy, result = case(seed)
    assume(policy.rules and policy.goals)
    unknown = "known distance" in " ".join(result.warnings)
    assume(not unknown or policy.goals[0].measure != "travel")
    dropped = data.draw(st.sampled_from(range(len(policy.rules))))
    rules = [rule for i, rule in enumerate(policy.rules) if i != dropped]
    try:
        freer = sm.solve(instance, sm.Policy(rules=rules, goals=policy.goals))
    except UnsupportedError:
        return
    goal = policy.goals[0]
    assert better_or_equal(goal, freer.goals[0].value, result.goals[0].value)


@given(SEEDS)
def test_each_goal_keeps_the_earlier_ones(seed: int):
    instance, policy, result = case(seed)
    for count in range(1, len(policy.goals)):
        part = sm.Policy(rules=policy.rules, goals=policy.goals[:count])
        shorter = sm.solve(instance, part)
        assert [g.value for g in shorter.goals] == [
            g.value for g in result.goals[:count]
        ]


@given(SEEDS, st.integers(1, 99))
def test_the_seed_changes_no_goal_value(seed: int, other: int):
    instance, policy, result = case(seed)
    again = sm.solve(instance, policy, seed=other)
    assert [g.value for g in again.goals] == [g.value for g in result.goals]


@given(SEEDS)
def test_the_same_input_gives_the_same_bytes(seed: int):
    instance, policy, result = case(seed)
    again = sm.solve(instance.replace(name=instance.name), policy)
    assert json.dumps(again.to_dict()) == json.dumps(result.to_dict())


@given(SEEDS)
def test_doubled_costs_double_the_cost(seed: int):
    instance, *_ = case(seed)
    policy = sm.Policy.efficient()
    slots = [
        slot.model_copy(update={"unit_cost": slot.unit_cost * 2})
        for slot in instance.slots
    ]
    pairs = [pair.model_copy(update={"cost": pair.cost * 2}) for pair in instance.pairs]
    one = sm.solve(instance, policy)
    assume(one.is_optimal)
    two = sm.solve(instance.replace(slots=slots, pairs=pairs), policy)
    assert two.value("served") == one.value("served")
    assert two.value("cost") == 2 * one.value("cost")
    assert two.value("travel") == one.value("travel")


@given(SEEDS)
def test_splitting_needs_and_slots_is_neutral(seed: int):
    fields, _ = tiny_case(seed)
    instance = sm.Instance(**{**fields, "decisions": [], "pairs": []})
    instance = instance.replace(
        needs=[n.model_copy(update={"person": None}) for n in instance.needs],
        slots=[s.model_copy(update={"reserve": 0}) for s in instance.slots],
    )
    policy = sm.Policy.fair()
    whole = sm.solve(instance, policy)
    # What an unknown distance counts as depends on which slots there are.
    assume(not whole.warnings)
    needs = [
        need.model_copy(update={"id": f"{need.id}-{i}", "quantity": 1, "person": None})
        for need in instance.needs
        for i in range(need.quantity)
    ]
    slots = [
        slot.model_copy(update={"id": f"{slot.id}-{i}", "capacity": 1})
        for slot in instance.slots
        for i in range(slot.capacity)
    ]
    split = sm.solve(instance.replace(needs=needs), policy)
    assert [g.value for g in split.goals] == [g.value for g in whole.goals]
    chosen = {choice for need in instance.needs for choice in need.choices}
    if chosen & {slot.id for slot in instance.slots}:
        return  # a slot that is asked for by name cannot change it
    split = sm.solve(instance.replace(slots=slots), policy)
    assert [g.value for g in split.goals] == [g.value for g in whole.goals]


@given(SEEDS)
def test_fairness_never_lowers_the_number_served(seed: int):
    instance, *_ = case(seed)
    fair, efficient = sm.solve(instance), sm.solve(instance, sm.Policy.efficient())
    assume(fair.is_optimal)
    assert fair.value("served") == efficient.value("served")


@given(SEEDS)
def test_results_survive_their_documents(seed: int):
    instance, _, result = case(seed)
    document = json.loads(json.dumps(result.to_dict()))
    again = sm.Result.from_dict(document, instance)
    assert again.to_dict() == document
    assert list(again.allocation) == list(result.allocation)
    assert [g.value for g in again.goals] == [g.value for g in result.goals]
    assert again.by("kind") == result.by("kind")
    alone = sm.Result.from_dict(document)
    assert alone.value("served") == result.value("served")
    assert alone.by("community") == result.by("community")
