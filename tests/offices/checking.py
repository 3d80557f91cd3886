"""What must hold of the answer to a random office, all of it against brute force."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from itertools import islice, product
from typing import Any

import numpy as np

import sharematch as sm
from sharematch.core.columns.encoding import encode
from sharematch.core.eligibility import arcs
from sharematch.model.measures import MEASURES
from tests import oracles
from tests.offices.cases import oracle_of
from tests.oracles.vocabulary import NEED_KEYS, SLOT_KEYS
from tests.tiny import Fields, namespace


def problem_of(case: Fields) -> tuple[sm.Instance, sm.Policy, sm.Allocation | None]:
    """Return an office as the library takes it."""
    rows = case.get("baseline")
    earlier = None if rows is None else sm.Allocation(rows)
    return sm.Instance(**case["instance"]), sm.Policy(**case["policy"]), earlier


def exactly(value: Any) -> Any:
    """Return the value of a goal in exact numbers."""
    if isinstance(value, tuple):
        return tuple(map(Fraction, value))
    return Fraction(value)


def plan_in(result: Any) -> dict[Any, int]:
    """Return the plan of a result as brute force takes it."""
    found: dict[Any, int] = {}
    for row in result.allocation:
        start = getattr(row, "start", None)
        key = (row.need, row.slot) if start is None else (row.need, row.slot, start)
        assert key not in found, f"{key} has two rows"
        found[key] = row.quantity
    return found


def keys_of(plan: Mapping[Any, int], oracle: oracles.Case) -> dict[Any, int]:
    """Return a plan without the starts of plain slots, which say nothing."""
    return {
        key if oracle.slots[key[1]].step is not None else key[:2]: units
        for key, units in plan.items()
    }


def check(case: Fields, **options: Any) -> Counter[str]:
    """Check the answer to an office that is solved to the end, and tell what it was."""
    oracle, policy, result, plan = answer(case, **options)
    best = oracle.best(policy.goals)
    if best is None:
        assert result.status == "infeasible"
        return Counter([result.structure, "infeasible"])
    assert result.status == "optimal"
    values = [exactly(oracle.goal_value(goal, plan)) for goal in policy.goals]
    optimum = [exactly(value) for value in best[0]]
    assert [exactly(goal.bound) for goal in result.goals] == optimum
    for goal, value, most in zip(policy.goals, values, optimum, strict=True):
        assert value == most or goal.slack
    return Counter([result.structure, "optimal"])


def check_cut(case: Fields, **options: Any) -> Counter[str]:
    """Check the answer to an office whose search may have been cut short.

    Bounds hold, no optimum is claimed that is none, and nothing that fits is left
    lying.
    """
    oracle, policy, result, plan = answer(case, **options)
    best = oracle.best(policy.goals)
    if best is None:
        assert result.status == "infeasible"
        return Counter([result.structure, "infeasible"])
    assert result.status.has_plan
    values = [exactly(oracle.goal_value(goal, plan)) for goal in policy.goals]
    for goal, told, value, most in zip(
        policy.goals, result.goals, values, map(exactly, best[0]), strict=True
    ):
        assert upward(goal, exactly(told.bound)) >= upward(goal, most)
        if goal.slack:
            break
        if value != most:
            assert upward(goal, value) < upward(goal, most)
            assert result.status == "feasible"
            break
    if not any(goal.slack for goal in policy.goals):
        check_maximal(oracle, policy, plan, values)
    return Counter([result.structure, str(result.status)])


def answer(case: Fields, **options: Any) -> tuple[oracles.Case, Any, Any, Any]:
    """Solve an office; check that the plan is one, and what is said of it."""
    instance, policy, earlier = problem_of(case)
    oracle, terms = oracle_of(case)
    result: Any = sm.solve(instance, policy, baseline=earlier, **options)
    plan = keys_of(plan_in(result), oracle)
    if not result.status.has_plan:
        assert not plan
        return oracle, terms, result, plan
    assert not oracle.violations(plan)
    assert sm.verify(instance, result.allocation, policy, baseline=earlier) == ()
    values = [exactly(oracle.goal_value(goal, plan)) for goal in terms.goals]
    assert values == [exactly(goal.value) for goal in result.goals]
    check_unmet(oracle, result, plan)
    check_measures(oracle, result, plan)
    check_certificate(oracle, terms, instance, result)
    return oracle, terms, result, plan


def check_certificate(
    oracle: oracles.Case, policy: Any, instance: sm.Instance, result: Any
) -> None:
    """Check what a certificate proves, and that it proves no plan that is worse."""
    is_proved = result.certificate["kind"] == "prices"
    found = sm.check_certificate(instance, result)
    assert {one.code for one in found} <= (set() if is_proved else {"claimed"}), found
    if not is_proved or any(slot.step is not None for slot in oracle.slots.values()):
        return
    best = worth(oracle, policy, plan_in(result))
    for plan in islice(oracle.plans(), 12):
        if worth(oracle, policy, plan) == best:
            continue
        goals = tuple(
            replace(told, value=value, bound=value)
            for told, goal in zip(result.goals, policy.goals, strict=True)
            for value in [oracle.goal_value(goal, plan)]
        )
        rows = [(slot, need, units) for (need, slot), units in plan.items()]
        worse = replace(result, allocation=sm.Allocation(rows), goals=goals)
        assert sm.check_certificate(instance, worse), plan


def worth(oracle: oracles.Case, policy: Any, plan: dict[Any, int]) -> list[Any]:
    """Return the values of all goals, exactly."""
    return [exactly(oracle.goal_value(goal, plan)) for goal in policy.goals]


def check_arcs(fields: Fields) -> None:
    """Check who may be where and when, and why others may not."""
    columns, oracle = encode(sm.Instance(**fields)), oracles.Case(namespace(fields))
    needs, slots = len(columns.need_ids), len(columns.slot_ids)
    need, slot = np.repeat(np.arange(needs), slots), np.tile(np.arange(slots), needs)
    found = arcs.reasons(columns, need, slot)
    for n, s, code in zip(need, slot, found, strict=True):
        pair = columns.need_ids[n], columns.slot_ids[s]
        assert (arcs.CODES[code] if code >= 0 else None) == oracle.codes[pair], pair
    built = arcs.build(columns)
    first = columns.cells.first[built.slot]
    after = columns.cells.start[built.cell] - columns.cells.start[first]
    keys: list[Any] = []
    for n, s, minutes in zip(built.need, built.slot, after.tolist(), strict=True):
        pair = columns.need_ids[n], columns.slot_ids[s]
        opening = oracle.slots[pair[1]]
        if opening.step is None:
            keys.append(pair)
        else:
            keys.append((*pair, opening.start + timedelta(minutes=minutes)))
    assert len(keys) == len(set(keys))
    assert set(keys) == set(oracle.arcs)


def check_measures(oracle: oracles.Case, result: Any, plan: dict[Any, int]) -> None:
    """Check all measures of a plan, as a whole and by every group."""
    for name in sorted(MEASURES.keys() - {"moved", "mix"}):
        if name == "fill_rate" and not result.value("demand"):
            continue
        whole = oracle.measure(plan, name)
        assert exactly(result.value(name)) == exactly(whole), name
        for key in (*NEED_KEYS, *SLOT_KEYS):
            if key == "time" or not is_known(oracle, name, key):
                continue
            judged = oracle.judged(plan, name, key, None)
            told = result.each(name, key)
            assert {g: exactly(told[g]) for g in judged} == judged, (name, key)


def is_known(oracle: oracles.Case, name: str, key: str) -> bool:
    """Say whether a measure is known by a group: both may be of one side only."""
    try:
        oracle.measure({}, name, key)
    except ValueError:
        return False
    return True


def upward(goal: Any, value: Any) -> Any:
    """Return a value such that more is better."""
    sign = 1 if goal.op in ("maximize", "leximin") else -1
    if isinstance(value, tuple):
        return tuple(sign * x for x in value)
    return sign * value


def check_maximal(
    oracle: oracles.Case, policy: Any, plan: dict[Any, int], values: list[Any]
) -> None:
    """Check that nobody can have more, with all others kept, and the goals gain."""
    now = [upward(goal, v) for goal, v in zip(policy.goals, values, strict=True)]
    for need in oracle.needs.values():
        for more in more_for(oracle, plan, need):
            if oracle.violations(more):
                continue
            wider = [
                upward(goal, exactly(oracle.goal_value(goal, more)))
                for goal in policy.goals
            ]
            assert wider <= now, f"{need.id} fits, and the goals gain"


def check_unmet(oracle: oracles.Case, result: Any, plan: dict[Any, int]) -> None:
    """Check who is named unmet, by how much, and that the reason is true."""
    unmet = {row.need: row for row in result.unmet}
    for need in oracle.needs.values():
        served = sum(units for key, units in plan.items() if key[0] == need.id)
        lacking = oracle.demand(need) - served
        assert (unmet[need.id].quantity if need.id in unmet else 0) == lacking
        if need.id in unmet:
            is_cut = result.status != "optimal"
            check_reason(oracle, plan, need, unmet[need.id], is_cut=is_cut)


def check_reason(
    oracle: oracles.Case, plan: dict[Any, int], need: Any, row: Any, *, is_cut: bool
) -> None:
    """Check that the reason of an unmet need is true."""
    reason = row.reason
    if all(key[0] != need.id for key in oracle.arcs):
        assert reason == "no_arc"
        codes = [oracle.codes[need.id, s] for s in oracle.slots]
        counts = Counter(code for code in codes if code != "kind")
        most = max(counts.values(), default=0)
        tops = {code for code, count in counts.items() if count == most} or {"kind"}
        assert row.code in tops
        return
    ways = list(more_for(oracle, plan, need))
    roomy = [way for way in ways if not oracle.room_violations(way)]
    unruled = [w for w in roomy if not oracle.coupled_violations(w, [*oracle.needs])]
    possible = [way for way in unruled if not oracle.violations(way)]
    if reason == "full":
        assert not roomy, "there is room"
    elif reason == "rule":
        assert unruled, "no rule forbids it"
    elif reason == "coupled":
        assert not unruled, "nothing that couples forbids it"
    elif reason == "search":
        assert is_cut
        return
    else:
        assert reason == "goal"
    assert bool(possible) == (reason == "goal")


def more_for(
    oracle: oracles.Case, plan: dict[Any, int], need: Any
) -> Iterator[dict[Any, int]]:
    """Yield plans in which a need, with its team, has more and nobody has less."""
    team = [
        other
        for other in oracle.needs.values()
        if other is need
        or (need.together is not None and other.together == need.together)
    ]
    members = {member.id for member in team}
    others = {key: units for key, units in plan.items() if key[0] not in members}
    had = sum(units for key, units in plan.items() if key[0] == need.id)
    choices = []
    for member in team:
        keys = [key for key in oracle.arcs if key[0] == member.id]
        mine = {key: plan[key] for key in keys if key in plan}
        own = [
            filling
            for filling in oracle.fillings(keys, mine)
            if not filling or not oracle.need_violations(member, filling)
        ]
        choices.append(own)
    for combined in product(*choices):
        more = {key: units for part in combined for key, units in part.items()}
        if sum(units for key, units in more.items() if key[0] == need.id) > had:
            yield {**others, **more}
