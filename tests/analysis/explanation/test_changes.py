"""The smallest changes, applied to the records and tried against every best plan."""

from collections import Counter
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

import sharematch as sm
from sharematch.analysis.explanation import counterfactuals as changes_module
from sharematch.analysis.explanation.facts import Change, NeedFacts
from tests import oracles
from tests.analysis.explanation.test_facts import solved
from tests.tiny import tiny_case
from tests.tiny_coupled import tiny_coupled_case

# One straight list of kinds is easier to compare with the records.
# ruff: noqa: C901, PLR0911

CASES = 40


def with_field(instance: sm.Instance, change: Change, value: Any) -> sm.Instance:
    """Return the instance with one field of one record set."""
    name = {"need": "needs", "slot": "slots", "facility": "facilities"}[change.record]
    rows = [
        type(row)(**{**as_fields(row), change.field: value})
        if row.id == change.id
        else row
        for row in getattr(instance, name)
    ]
    return instance.replace(**{name: rows})


def as_fields(record: Any) -> dict[str, Any]:
    return {name: getattr(record, name) for name in type(record).model_fields}


def span(window: dict[str, str]) -> list[datetime]:
    """Return start and end of a window as files write it."""
    return [datetime.fromisoformat(window[end]) for end in ("start", "end")]


def applied(
    instance: sm.Instance, policy: sm.Policy, change: Change, part: Fraction
) -> tuple[sm.Instance, sm.Policy]:
    """Return records and policy with a part of a change, all of it for 1."""
    before, after = change.before, change.after
    known: list[Any] = [*instance.needs, *instance.slots, *instance.facilities]
    record: Any = next((row for row in known if row.id == change.id), None)
    if change.code in ("travel", "radius", "fee"):
        value = Fraction(before) + part * (Fraction(after) - Fraction(before))
        digits = 2 if change.code == "fee" else 9
        step = Fraction(1, 10**digits)
        rounded = float(value // step * step)  # never more than the part
        return with_field(instance, change, round(rounded, digits)), policy
    if change.code == "time":
        windows = list(record.windows)
        start, end = span(after)
        if before:
            old = span(before)
            windows = [w for w in windows if (w.start, w.end) != tuple(old)]
            start = old[0] - whole(float(part) * (old[0] - start))
            end = old[1] + whole(float(part) * (end - old[1]))
        windows.append({"start": start, "end": end})
        return with_field(instance, change, windows), policy
    if change.code == "choice":
        return with_field(instance, change, (*record.choices, after)), policy
    if change.code == "closed":
        slot = next(s for s in instance.slots if s.id == after)
        assert slot.start
        assert slot.end
        kept = [
            w for w in record.closed if not (w.start < slot.end and slot.start < w.end)
        ]
        return with_field(instance, change, kept), policy
    if change.code == "decision":
        kept = [
            d
            for d in instance.decisions
            if (d.need, d.slot, d.status) != (change.need, change.id, before)
        ]
        return instance.replace(decisions=kept), policy
    if change.code in ("rule", "ceiling"):
        rules: list[Any] = list(policy.rules)
        rule = rules[int(change.id) - 1]
        fields = {"measure": rule.measure, "by": rule.by, "where": rule.where}
        rules[int(change.id) - 1] = type(rule)(bound=after, **fields)
        return instance, sm.Policy(rules=rules, goals=policy.goals)
    return with_field(instance, change, after), policy


def whole(length: timedelta) -> timedelta:
    return timedelta(minutes=length // timedelta(minutes=1))


def served_in_best_plans(
    instance: sm.Instance, policy: sm.Policy, need: str
) -> list[int]:
    """Return what a need gets in each best plan, by brute force."""
    case = oracles.Case(instance, policy.rules)
    plans = list(case.plans())
    for goal in policy.goals:
        values: list[Any] = [case.goal_value(goal, plan) for plan in plans]
        is_most = goal.op in ("maximize", "leximin")
        best = max(values) if is_most else min(values)
        plans = [p for p, v in zip(plans, values, strict=True) if v == best]
    return [sum(u for (n, _), u in plan.items() if n == need) for plan in plans]


NUMERIC = ("travel", "radius", "fee", "time")


@pytest.mark.parametrize("way", ["solve", "path"])
@pytest.mark.parametrize("draw", [tiny_case, tiny_coupled_case])
def test_each_change_serves_and_half_of_it_does_not(
    draw: Any, way: str, monkeypatch: pytest.MonkeyPatch
):
    if way == "path":
        monkeypatch.setattr(changes_module, "SMALL", -1)
    seen: Counter[str] = Counter()
    for seed in range(CASES):
        plan = solved(seed, draw)
        if plan is None or any(getattr(g, "slack", None) for g in plan.policy.goals):
            continue
        for need in plan.needs:
            facts = sm.explain(plan.result, need=need).facts
            assert isinstance(facts, NeedFacts)
            check_decision(plan, facts, seen)
            for change in facts.changes:
                assert change.checked == way
                town, policy = applied(plan.instance, plan.policy, change, Fraction(1))
                served = served_in_best_plans(town, policy, need)
                assert min(served) > facts.served, (seed, change)
                if way == "solve":
                    assert min(served) == facts.served + change.units, (seed, change)
                seen[change.code] += 1
                if change.code in NUMERIC and change.before:
                    half = applied(plan.instance, plan.policy, change, Fraction(1, 2))
                    again = sm.solve(*half)
                    got = sum(a.quantity for a in again.allocation if a.need == need)
                    assert got <= facts.served, (seed, change)
                    seen["half"] += 1
    assert seen.total() > 0
    if draw is tiny_case or way == "solve":
        assert seen["capacity"] >= 3


def check_decision(plan: Any, facts: NeedFacts, seen: Counter[str]) -> None:
    """Check by brute force what is said to keep a need from more."""
    if not facts.decided_by:
        return
    seen[facts.decided_by] += 1
    case, need = plan.case, facts.need
    plans = list(case.plans())

    def more(some: list[Any]) -> bool:
        return any(
            sum(u for (n, _), u in p.items() if n == need) > facts.served for p in some
        )

    if facts.decided_by == "limits":
        assert not more(plans)
        return
    for position, goal in enumerate(plan.policy.goals, 1):
        values: list[Any] = [case.goal_value(goal, p) for p in plans]
        best = max(values) if goal.op in ("maximize", "leximin") else min(values)
        plans = [p for p, v in zip(plans, values, strict=True) if v == best]
        if facts.goal == position:
            assert not more(plans)
            return
        assert more(plans)
    assert facts.decided_by == "draw"
    assert more(plans)
