"""Every claim of an explanation is computed again from the records and the plan."""

# One straight list of claims is easier to compare with the facts.
# ruff: noqa: C901

from collections import Counter
from fractions import Fraction
from typing import Any

import pytest

import sharematch as sm
from sharematch.analysis.explanation.facts import (
    Bottleneck,
    CommunityFacts,
    NeedFacts,
    NoPlanFacts,
    RuleFacts,
    SlotFacts,
    Standing,
)
from tests import oracles
from tests.tiny import tiny_case
from tests.tiny_coupled import tiny_coupled_case

CASES = 25


class Plan:
    """A solved case, looked at by the oracle alone."""

    def __init__(self, instance: sm.Instance, result: sm.Result) -> None:
        self.instance, self.result, self.policy = instance, result, result.policy
        self.case = oracles.Case(instance, self.policy.rules)
        self.units = {(a.need, a.slot): a.quantity for a in result.allocation}
        self.needs, self.slots = self.case.needs, self.case.slots

    def home(self, need: str) -> str:
        return str(self.needs[need].community)

    def used(self, slot: str, *, guests: bool = False) -> int:
        """Return places in use; of guests only if asked for."""
        host = self.case.host(self.slots[slot])
        return sum(
            units * self.case.size(self.needs[n], self.slots[s])
            for (n, s), units in self.units.items()
            if s == slot and not (guests and self.home(n) == host)
        )

    def full_by(self, need: str, slot: str) -> str:
        record, size = (
            self.slots[slot],
            self.case.size(self.needs[need], self.slots[slot]),
        )
        facility = self.case.facilities[record.facility]
        if self.used(slot) + size > record.capacity:
            return "capacity"
        is_guest = self.home(need) != facility.community
        if is_guest and self.used(slot, guests=True) + size > (
            record.capacity - record.reserve
        ):
            return "reserve"
        worn = sum(
            self.used(s) for s in self.slots if self.slots[s].facility == facility.id
        )
        if facility.max_units is not None and worn + size > facility.max_units:
            return "max_units"
        return ""

    def served(self, need: str) -> int:
        return sum(units for (n, _), units in self.units.items() if n == need)

    def users(self, slot: str) -> dict[str, int]:
        found: Counter[str] = Counter()
        for (need, s), units in self.units.items():
            if s == slot:
                found[self.home(need)] += units
        return dict(found)

    def reach(self, needs: set[str]) -> tuple[set[str], set[str]] | None:
        """Return what needs reach through full slots, None if one has room."""
        arcs = self.case.arcs
        while True:
            slots = {s for n, s in arcs if n in needs}
            more = set(needs)
            for need, slot in arcs:
                if need not in needs:
                    continue
                why, facility = self.full_by(need, slot), self.slots[slot].facility
                if not why:
                    return None
                host = self.case.host(self.slots[slot])
                for other, place in self.units:
                    same = place == slot
                    if why == "reserve":
                        same &= self.home(other) != host
                    if why == "max_units":
                        same = self.slots[place].facility == facility
                    if same:
                        more.add(other)
            if more == needs:
                return (needs, slots) if slots else None
            needs = more


def solved(seed: int, draw: Any) -> Plan | None:
    fields, terms, *baseline = draw(seed)
    if any(baseline):
        return None
    instance = sm.Instance(**fields)
    result = sm.solve(instance, sm.Policy(**terms))
    return None if result.status == "infeasible" else Plan(instance, result)


def check_standing(plan: Plan, standing: Standing | None, community: str) -> None:
    if standing is None:
        return
    goal = plan.policy.goals[standing.goal - 1]
    values = plan.case.measure(plan.units, goal.measure, goal.by, goal.where)
    value = values[standing.group] / plan.case.weight(goal, standing.group)
    assert standing.value == value
    if goal.by == "community":
        assert standing.group == community
    counted = plan.case.selection(goal.measure, goal.by, goal.where)
    # One unit more, on whatever pair counts for the group.
    for (need, slot), code in plan.case.codes.items():
        record = plan.needs[need]
        if code or record.community != community:
            continue
        if standing.group not in counted.of(record, plan.slots[slot]):
            continue
        more = {**plan.units, (need, slot): plan.units.get((need, slot), 0) + 1}
        after = plan.case.measure(more, goal.measure, goal.by, goal.where)
        weight = plan.case.weight(goal, standing.group)
        assert standing.one_more == after[standing.group] / weight
        assert standing.one_fewer == 2 * value - standing.one_more


def check_bottleneck(plan: Plan, found: Bottleneck | None, needs: set[str]) -> None:
    reached = plan.reach(needs)
    if reached is None or not needs:
        assert found is None
        return
    assert found is not None
    inside, slots = reached
    assert found.needs == len(inside)
    assert set(found.slot_ids) == slots
    assert found.slots == len(slots)
    assert found.asked == sum(plan.case.demand(plan.needs[n]) for n in inside)
    assert found.places == sum(plan.slots[s].capacity for s in slots)
    assert found.used == sum(plan.used(s) for s in slots)
    assert set(found.communities) == {plan.home(n) for n in inside}


def check_need(plan: Plan, need: str, facts: NeedFacts) -> None:
    record = plan.needs[need]
    asked = plan.case.demand(record)
    assert (facts.asked, facts.served) == (asked, plan.served(need))
    assert {g.slot: g.units for g in facts.got} == {
        s: units for (n, s), units in plan.units.items() if n == need
    }
    for got in facts.got:
        slot = plan.slots[got.slot]
        assert got.fee == slot.fee
        assert got.travel == plan.case.travel(record, slot)
    codes = {s: code for (n, s), code in plan.case.codes.items() if n == need}
    assert {p.slot for p in facts.places} == {s for s, c in codes.items() if c is None}
    for place in facts.places:
        assert place.full_by == plan.full_by(need, place.slot)
        assert place.used == plan.used(place.slot)
        assert {u.community: u.units for u in place.users} == plan.users(place.slot)
    assert {r.code: r.slots for r in facts.refused} == Counter(
        code for code in codes.values() if code
    )
    for refused in facts.refused:
        for miss in refused.nearest:
            assert codes[miss.slot] == refused.code
            check_miss(plan, record, plan.slots[miss.slot], refused.code, miss)
    check_standing(plan, facts.standing, record.community)
    if facts.served == asked:
        assert not facts.holders
        return
    check_bottleneck(plan, facts.bottleneck, {need})
    for holder in facts.holders:
        check_standing(plan, holder.standing, holder.community)
        if facts.standing and holder.standing and holder.stands_no_better:
            same = holder.standing.group == facts.standing.group
            assert same or holder.standing.one_fewer <= facts.standing.value


def check_miss(plan: Plan, need: Any, slot: Any, code: str, miss: Any) -> None:
    """Loosen the record by what a slot is off: it is not out for this any more."""
    if code in ("travel", "radius"):
        far = plan.case.travel(need, slot)
        if far is None:
            assert miss.off is None
            return
        limit = need.max_travel if code == "travel" else slot.radius
        scale = 1000 if plan.instance.travel.unit == "km" else 60
        assert far == oracles.half_up(Fraction(limit) * scale) + miss.off
    elif code == "fee":
        assert slot.fee == need.max_fee + miss.off
    elif code == "feature":
        facility = plan.case.facilities[slot.facility]
        assert set(miss.missing) == need.requires - facility.features
    elif code == "group":
        assert set(miss.missing) == slot.groups
        assert not slot.groups & need.groups
    elif code == "time":
        off = [
            max(window.start - slot.start, slot.start - slot.start)
            + max(slot.end - window.end, slot.end - slot.end)
            for window in need.windows
        ]
        assert min(off).total_seconds() == 60 * miss.off
    elif code == "share" and miss.off is not None:
        facility = plan.case.facilities[slot.facility]
        share = facility.share if slot.share is None else slot.share
        tier = plan.case.tier(need, slot)
        assert tier == plan.case.tier_number(share) + miss.off
    elif code == "rule":
        rule: Any = plan.policy.rules[miss.rule - 1]
        value = plan.case.unit_value(rule.measure, need, slot)
        if value is not None and miss.off is not None:
            bound = plan.case.bound(rule.measure, rule.bound)
            assert 0 <= abs(value - bound) - Fraction(miss.off) < 1


def check_slot(plan: Plan, slot: str, facts: SlotFacts) -> None:
    assert facts.used == plan.used(slot)
    assert {u.community: u.units for u in facts.users} == plan.users(slot)
    able = [n for n, s in plan.case.arcs if s == slot]
    assert facts.could_use == len(able)
    waiting: Counter[str] = Counter()
    for need in able:
        waiting[plan.home(need)] += plan.case.demand(plan.needs[need]) - plan.served(
            need
        )
    assert {t.community: t.units for t in facts.turned_away} == +waiting
    missing = [n for n in able if plan.served(n) < plan.case.demand(plan.needs[n])]
    out = [plan.full_by(need, slot) for need in missing or able]
    assert bool(facts.full_by) == (bool(out) and all(out))


def check_community(plan: Plan, community: str, facts: CommunityFacts) -> None:
    mine = {n for n in plan.needs if plan.home(n) == community}
    assert facts.asked == sum(plan.case.demand(plan.needs[n]) for n in mine)
    assert facts.served == sum(map(plan.served, mine))
    assert sum(units for _, units in facts.unmet) == facts.asked - facts.served
    borrowed: Counter[str] = Counter()
    lent: Counter[str] = Counter()
    for (need, slot), units in plan.units.items():
        host = plan.case.host(plan.slots[slot])
        if host != plan.home(need) and plan.home(need) == community:
            borrowed[host] += units
        if host != plan.home(need) and host == community:
            lent[plan.home(need)] += units
    assert {u.community: u.units for u in facts.borrowed} == borrowed
    assert {u.community: u.units for u in facts.lent} == lent
    check_standing(plan, facts.standing, community)
    able = {n for n, _ in plan.case.arcs}
    waiting = {
        n for n in mine & able if plan.served(n) < plan.case.demand(plan.needs[n])
    }
    check_bottleneck(plan, facts.bottleneck, waiting)


def check_rule(plan: Plan, position: int, facts: RuleFacts) -> None:
    rule: Any = plan.policy.rules[position - 1]
    if rule.by == "assignment":
        rest = [r for i, r in enumerate(plan.policy.rules) if i != position - 1]
        before = set(oracles.eligible_pairs(plan.instance, rest))
        gone = before - set(plan.case.arcs)
        assert facts.pairs == len(gone)
        assert facts.needs == len({n for n, _ in gone})
        return
    for bound in facts.bounds:
        assert bound.slack >= 0
        if rule.op == "within":
            continue
        values = plan.case.measure(plan.units, rule.measure, rule.by, rule.where)
        value = (
            values if rule.by is None else values.get(group_key(rule, bound.group), 0)
        )
        assert bound.value == Fraction(value)
        if rule.bound != "alone" and not isinstance(rule.bound, str):
            assert bound.bound == rule.bound


def group_key(rule: Any, group: str) -> Any:
    return tuple(group.split(" | ")) if isinstance(rule.by, tuple) else group


@pytest.mark.parametrize("draw", [tiny_case, tiny_coupled_case])
@pytest.mark.parametrize("first", range(0, 2 * CASES, CASES))
def test_claims_follow_from_records_and_plan(first: int, draw: Any):
    seen: Counter[str] = Counter()
    for seed in range(first, first + CASES):
        plan = solved(seed, draw)
        if plan is None:
            continue
        for need in plan.needs:
            facts: Any = sm.explain(plan.result, need=need).facts
            check_need(plan, need, facts)
            seen["unmet"] += facts.served < facts.asked
            seen["holders"] += bool(facts.holders)
            seen["bottleneck"] += facts.bottleneck is not None
        for slot in plan.slots:
            facts = sm.explain(plan.result, slot=slot).facts
            check_slot(plan, slot, facts)
        for community in plan.case.communities:
            facts = sm.explain(plan.result, community=community).facts
            check_community(plan, community, facts)
        for position in range(1, len(plan.policy.rules) + 1):
            facts = sm.explain(plan.result, rule=position).facts
            check_rule(plan, position, facts)
            seen["rule"] += 1
    assert min(seen[key] for key in ("unmet", "holders", "bottleneck", "rule")) >= 5


def test_a_result_read_with_its_instance_explains_the_same(tmp_path: Any):
    town = sm.scenario.old_town()
    result = sm.solve(town)
    sm.io.write_result(result, tmp_path / "r.json")
    again = sm.io.read_result(tmp_path / "r.json", town)
    questions: Any = ({"need": "lianqiao-jobs"}, {"community": "lianqiao"})
    for asked in questions:
        one, other = sm.explain(result, **asked), sm.explain(again, **asked)
        assert one.to_dict() == other.to_dict()
        assert one.text("zh") == other.text("zh")


def test_without_a_plan_the_conflict_is_the_answer():
    town = sm.scenario.old_town()
    policy = sm.Policy(rules=[sm.AtLeast("fill_rate", "99/100", by="community")])
    result = sm.solve(town, policy)
    explanation = sm.explain(result, rule=1)
    assert isinstance(explanation.facts, NoPlanFacts)
    assert explanation.facts.named
    assert "enough would be: for each community: share of demand" in str(explanation)
    assert not sm.explain(result, need="lianqiao-jobs").facts.named  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({}, "0 questions"),
        ({"need": "lianqiao-jobs", "slot": "x"}, "2 questions"),
        ({"need": "lianqiao-job"}, "Maybe lianqiao-jobs"),
        ({"rule": 1}, "rule 1: the policy has no rules"),
    ],
)
def test_bad_questions_are_refused(asked: Any, message: str):
    result = sm.solve(sm.scenario.old_town())
    with pytest.raises(sm.SharematchError, match=message):
        sm.explain(result, **asked)


def test_a_result_without_its_instance_is_refused():
    document = sm.solve(sm.scenario.old_town()).to_dict()
    with pytest.raises(sm.SharematchError, match="needs the instance"):
        sm.explain(sm.Result.from_dict(document), need="lianqiao-jobs")
