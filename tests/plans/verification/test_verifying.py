"""The verifier against the oracle on mutated plans, and by hand code by code."""

import random
from datetime import datetime
from typing import Any

import pytest

import sharematch as sm
from sharematch.errors import InputError
from sharematch.plans.verification import Violation
from tests import oracles
from tests.tiny import tiny_case


@pytest.mark.parametrize("first", range(0, 800, 100))
def test_verify_finds_what_the_oracle_finds(first: int):
    seen = {True: 0, False: 0}
    for seed in range(first, first + 100):
        fields, policy_fields = tiny_case(seed)
        instance, policy = sm.Instance(**fields), sm.Policy(**policy_fields)
        oracle = oracles.Case(instance, policy.rules)
        best = oracle.best(policy.goals)
        rng = random.Random(seed)
        for changes in range(4):
            plan = mutated(rng, instance, dict(best[1]) if best else {}, changes)
            expected = oracle.violations(plan)
            if any("alone" in text for text in policy_texts(policy)) and any(
                need.person for need in instance.needs
            ):
                continue  # what one gets alone is not yet bound by who can be where
            found = sm.verify(instance, triples(plan), policy)
            assert bool(found) == bool(expected), (seed, plan, expected)
            codes = {text.split(":")[0] for text in expected}
            assert codes - {"decision"} <= {violation.code for violation in found}
            seen[bool(found)] += 1
    assert min(seen.values()) > 60


def policy_texts(policy: sm.Policy) -> list[str]:
    return [str(getattr(rule, "bound", "")) for rule in policy.rules]


def triples(plan: dict[tuple[str, str], int]) -> list[tuple[str, str, int]]:
    return [(slot, need, units) for (need, slot), units in plan.items()]


def mutated(
    rng: random.Random,
    instance: sm.Instance,
    plan: dict[tuple[str, str], int],
    count: int,
) -> dict[tuple[str, str], int]:
    """Return a plan with some units more, or some pairs fewer."""
    for _ in range(count if instance.needs and instance.slots else 0):
        pair = (rng.choice(instance.needs).id, rng.choice(instance.slots).id)
        if rng.random() < 0.5:
            plan[pair] = plan.get(pair, 0) + 1
        elif plan:
            plan.pop(rng.choice(list(plan)))
    return plan


def slot(id_: str, hour: int = 10, **fields: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "facility": "hall",
        "kinds": ["any"],
        "capacity": 5,
        "start": f"2026-01-05T{hour:02}:00",
        "end": f"2026-01-05T{hour + 1:02}:00",
        **fields,
    }


def need(id_: str, **fields: Any) -> dict[str, Any]:
    return {"id": id_, "community": "a", "kind": "any", "quantity": 2, **fields}


PAIR = 'need "x" in slot "mon"'
# Of each code: what differs from the town, the plan, and all that is wrong with it.
CASES: dict[str, tuple[dict[str, Any], list[tuple[str, str, int]], list[Violation]]] = {
    "unknown": (
        {},
        [("never", "x", 1), ("mon", "nobody", 1), ("mon", "x", 2)],
        [
            Violation("unknown", 'need "nobody" is not in the instance', "nobody"),
            Violation("unknown", 'slot "never" is not in the instance', slot="never"),
        ],
    ),
    "kind": (
        {"needs": [need("x", kind="other")]},
        [("mon", "x", 1)],
        [Violation("kind", f"{PAIR}: may not be matched (kind)", "x", "mon")],
    ),
    "quantity": (
        {},
        [("mon", "x", 3)],
        [Violation("quantity", 'need "x": 3 units served, asked for 2', "x")],
    ),
    "capacity": (
        {"slots": [slot("mon", capacity=1)]},
        [("mon", "x", 2)],
        [Violation("capacity", 'slot "mon": 2 units in use, capacity 1', slot="mon")],
    ),
    "reserve": (
        {"slots": [slot("mon", reserve=4)]},
        [("mon", "z", 2), ("mon", "x", 2)],
        [
            Violation(
                "reserve",
                'slot "mon": 2 units used by others, beside the reserve 1',
                slot="mon",
            )
        ],
    ),
    "max_units": (
        {
            "facilities": [
                {"id": "hall", "community": "a", "max_units": 1},
                {"id": "club", "community": "a"},
            ],
            "slots": [slot("mon"), slot("noon", 12, facility="club")],
        },
        [("mon", "x", 2), ("noon", "y", 2)],
        [Violation("max_units", 'facility "hall": 2 units in use, max_units 1')],
    ),
    "decision": (
        {
            "needs": [need("x"), need("y"), need("z", kind="other")],
            "decisions": [
                {"need": "x", "slot": "mon", "status": "pinned"},
                {"need": "x", "slot": "noon", "status": "accepted", "quantity": 1},
                {"need": "y", "slot": "mon", "status": "accepted", "quantity": 2},
                {"need": "z", "slot": "mon", "status": "pinned"},
            ],
        },
        [("mon", "x", 1), ("mon", "y", 2)],
        [
            Violation("decision", f"{PAIR}: 1 unit; pinned: 2", "x", "mon"),
            Violation(
                "decision",
                'need "x" in slot "noon": 0 units; accepted: 1',
                "x",
                "noon",
            ),
            Violation(
                "decision",
                'need "z" in slot "mon": is pinned, but may not be matched (kind)',
                "z",
                "mon",
            ),
        ],
    ),
    "whole": (
        {"needs": [need("x", whole=True), need("y", together="t")]},
        [("mon", "x", 1), ("noon", "x", 1), ("mon", "y", 1)],
        [
            Violation(
                "whole",
                'need "x": 2 of 2 units in 2 slots; all in one slot, or none',
                "x",
            ),
            Violation(
                "whole",
                'need "y": 1 of 2 units in 1 slot; all in one slot, or none',
                "y",
            ),
        ],
    ),
    "min_quantity": (
        {"needs": [need("x", min_quantity=2)]},
        [("mon", "x", 1)],
        [Violation("min_quantity", 'need "x": 1 unit served, min_quantity 2', "x")],
    ),
    "sessions": (
        {"needs": [need("x", sessions=2)]},
        [("mon", "x", 1), ("noon", "x", 2)],
        [
            Violation(
                "sessions",
                'need "x": 3 units in 2 slots; 2 in each of 2, or none',
                "x",
            )
        ],
    ),
    "every": (
        {"needs": [need("x", sessions=2, every=60)]},
        [("mon", "x", 2), ("noon", "x", 2)],
        [Violation("every", 'need "x": sessions do not start every 60 minutes', "x")],
    ),
    "person": (
        {"needs": [need("x", person="p"), need("y", person="p")]},
        [("mon", "x", 1), ("mon", "y", 1)],
        [Violation("person", 'person "p": x and y clash in mon and mon', "y", "mon")],
    ),
    "together": (
        {"needs": [need("x", together="t"), need("y", together="t")]},
        [("mon", "x", 2), ("noon", "y", 2)],
        [Violation("together", 'together "t": x, y do not use the same slots', "x")],
    ),
    "min_units": (
        {"slots": [slot("mon", min_units=2), slot("noon", min_units=2)]},
        [("mon", "x", 1)],
        [Violation("min_units", 'slot "mon": 1 unit in use, min_units 2', slot="mon")],
    ),
    "either": (
        {"slots": [slot("mon", either="e"), slot("noon", 12, either="e")]},
        [("mon", "x", 1), ("noon", "x", 1)],
        [
            Violation(
                "either",
                'either "e": in use are mon, noon, at most one may be',
                slot="mon",
            )
        ],
    ),
}


def town(changes: dict[str, Any]) -> sm.Instance:
    fields: dict[str, Any] = {
        "communities": [{"id": "a"}, {"id": "b"}],
        "facilities": [{"id": "hall", "community": "a"}],
        "slots": [slot("mon"), slot("noon", 12)],
        "needs": [need("x"), need("y"), need("z", community="b")],
    }
    return sm.Instance(**{**fields, **changes})


@pytest.mark.parametrize("code", CASES)
def test_each_code_names_what_is_wrong(code: str):
    changes, plan, expected = CASES[code]
    assert list(sm.verify(town(changes), plan)) == expected


@pytest.mark.parametrize(
    ("changes", "plan"),
    [
        ({"needs": [need("x", whole=True)]}, [("mon", "x", 2)]),
        ({"needs": [need("x", min_quantity=2)]}, []),
        (
            {"needs": [need("x", sessions=2, every=120)]},
            [("mon", "x", 2), ("noon", "x", 2)],
        ),
        (
            {"needs": [need("x", person="p"), need("y", person="p")]},
            [("mon", "x", 2), ("noon", "y", 2)],
        ),
        (
            {"needs": [need("x", together="t"), need("y", together="t")]},
            [("mon", "x", 2), ("mon", "y", 2)],
        ),
        (
            {"pairs": [{"need": "x", "slot": "mon", "units": 2}]},
            [("mon", "x", 2)],
        ),
    ],
)
def test_coupled_plans_that_hold(changes: dict[str, Any], plan: list[Any]):
    assert sm.verify(town(changes), plan) == ()


def test_pair_sizes_count_against_capacity():
    instance = town({"pairs": [{"need": "x", "slot": "mon", "units": 3}]})
    (found,) = sm.verify(instance, [("mon", "x", 2)])
    assert (found.code, found.slot) == ("capacity", "mon")
    assert "6" in str(found)


@pytest.mark.parametrize(
    ("rule", "messages"),
    [
        (
            sm.AtMost("served", 1, by="community"),
            [
                "for each community: units served at most 1): "
                'served of "a" is 2, the bound 1'
            ],
        ),
        (
            sm.AtMost("served", 1, by=("community", "kind")),
            [
                "for each community and kind: units served at most 1): "
                'served of "a and any" is 2, the bound 1'
            ],
        ),
        (
            sm.AtLeast("fill_rate", "1/2", by="need"),
            [
                "for each need: share of demand served at least 50%): "
                f'fill_rate of "{name}" is 0, the bound 1/2'
                for name in "yz"
            ],
        ),
        (
            sm.AtLeast("fill_rate", 1),
            ["share of demand served at least 100%): fill_rate is 1/3, the bound 1"],
        ),
        (
            sm.Within("served", 1, by="community"),
            [
                "units served: at most 1 between any two communities): "
                "the difference is 2"
            ],
        ),
        (sm.Within("served", 2, by="community"), []),
        (
            sm.Within("fees", 5, by="slot"),
            ["fees: at most 5 between any two slots): the difference is 6"],
        ),
        (sm.Within("fees", 6, by="slot"), []),
        (sm.AtMost("fees", "2.50"), ["fees at most 2.5): fees is 6, the bound 5/2"]),
        (sm.AtMost("fees", 6), []),
        (sm.AtLeast("served", 2), []),
        (
            sm.AtLeast("fill_rate", "alone", by="community"),
            [
                "no community gets less than its own places alone could give it): "
                'fill_rate of "a" is 2, the bound 4'
            ],
        ),
    ],
)
def test_each_rule_names_its_bound(rule: Any, messages: list[str]):
    instance = town({"slots": [slot("mon", fee=3), slot("noon", 12)]})
    policy = sm.Policy(rules=[sm.AtMost("served", 9), rule])  # the first holds
    assert sm.verify(instance, [("mon", "x", 2)], policy) == tuple(
        Violation("rule", f"rule 2 ({message}", rule=2) for message in messages
    )


def test_a_rule_by_assignment_names_the_pair_and_pins_whether_used_or_not():
    instance = town(
        {
            "slots": [slot("mon", fee=3), slot("noon", 12)],
            "decisions": [
                {"need": "y", "slot": "noon", "status": "accepted"},
                {"need": "z", "slot": "mon", "status": "pinned"},
            ],
        }
    )
    policy = sm.Policy(
        rules=[sm.AtMost("served", 9), sm.AtMost("fees", 2, by="assignment")]
    )
    rule = "does not keep: for each assignment: fees at most 2"
    plan = [("mon", "x", 1), ("noon", "x", 1), ("noon", "y", 2)]
    other = 'need "z" in slot "mon"'
    assert sm.verify(instance, plan, policy) == (
        Violation("decision", f"{other}: 0 units; pinned: 2", "z", "mon"),
        Violation("rule", f"{PAIR}: {rule}", "x", "mon", 2),
        Violation("decision", f"{other}: must stay, but {rule}", "z", "mon", 2),
    )


def test_what_one_gets_alone_is_compared_without_what_it_got_before():
    instance = town({"past": [{"community": "a", "served": 7, "demand": 9}]})
    policy = sm.Policy(rules=[sm.AtLeast("fill_rate", "alone", by="community")])
    (found,) = sm.verify(instance, [("mon", "x", 2), ("noon", "y", 1)], policy)
    assert 'fill_rate of "a" is 3, the bound 4' in str(found)
    assert not sm.verify(instance, [("mon", "x", 2), ("noon", "y", 2)], policy)


def test_a_filter_names_what_is_not_there():
    rules = [sm.AtMost("served", 9), sm.AtMost("served", 1, where={"slot": "sun"})]
    with pytest.raises(InputError, match=r'rule 2: slot "sun" is not in the instance$'):
        sm.verify(town({}), [], sm.Policy(rules=rules))


def test_needs_a_baseline():
    policy = sm.Policy(rules=[sm.AtMost("moved", 1)])
    plan = [("mon", "x", 2)]
    with pytest.raises(InputError, match=r"^rule 1: moved needs a baseline$"):
        sm.verify(town({}), plan, policy)
    before = sm.Allocation([("noon", "x", 2)])
    (found,) = sm.verify(town({}), plan, policy, baseline=before)
    assert "moved is 2, the bound 1" in str(found)


@pytest.mark.parametrize(
    "plan", [[("mon", "x", 0)], [("mon", "x")], [("mon", "x", 1.5)]]
)
def test_plans_by_hand_must_be_well_formed(plan: list[Any]):
    with pytest.raises(InputError):
        sm.verify(town({}), plan)


def test_sessions_at_two_facilities_or_at_once():
    day = datetime(2026, 11, 2)
    places = [("hall", 9), ("hall", 10), ("hall", 11), ("club", 11)]
    town = sm.Instance(
        communities=[sm.Community(id="junmiao")],
        facilities=[sm.Facility(id=f, community="junmiao") for f in ("hall", "club")],
        slots=[
            sm.Slot(
                id=f"{place}-{hour}",
                facility=place,
                kinds=["course"],
                capacity=2,
                start=day.replace(hour=hour),
                end=day.replace(hour=hour + 2),
            )
            for place, hour in places
        ],
        needs=[
            sm.Need(id="go", community="junmiao", kind="course", quantity=1, sessions=2)
        ],
    )

    def found(*slots: str) -> list[tuple[str, str, str]]:
        plan = [(slot, "go", 1) for slot in slots]
        return [(v.code, v.need, v.message) for v in sm.verify(town, plan)]

    assert found("hall-9", "hall-11") == []  # back to back
    apart = ("sessions", "go", 'need "go": sessions are at different facilities')
    at_once = ("sessions", "go", 'need "go": sessions overlap')
    assert found("hall-9", "club-11") == [apart]
    assert found("hall-10", "hall-9") == [at_once]
    assert found("hall-10", "hall-11") == [at_once]
    assert found("hall-10", "club-11") == [apart, at_once]
    few = 'need "go": 1 unit in 1 slot; 1 in each of 2, or none'
    assert found("hall-9") == [("sessions", "go", few)]
