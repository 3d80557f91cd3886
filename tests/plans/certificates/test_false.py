"""False certificates: whatever they say, they are refused, and at once."""

import copy
import os
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

import sharematch as sm
from tests.plans.test_checking import forge, leaves, solved, with_plan

TOWNS = {"ci": 72, "deep": 1200}.get(os.environ.get("HYPOTHESIS_PROFILE", ""), 24)


def test_false_claims_are_refused():
    """Every number and word counts; other prices may prove the same plan as well."""
    rng = random.Random(1)
    seen: Counter[tuple[str, bool]] = Counter()
    # In the last, a false level would let ratios go on without end.
    for seed in [*range(TOWNS), 553]:
        found = solved(seed)
        if found is None:
            continue
        instance, result = found
        for path in leaves(result.certificate):
            claim, _ = forge(result.certificate, rng, path)
            false = replace(result, certificate=claim)
            refused = sm.check_certificate(instance, false)
            kind = (
                "prices" if "prices" in path else "levels" if "levels" in path else ""
            )
            assert refused or kind, (seed, path)
            seen[kind, bool(refused)] += 1
    assert seen["", True] > 10 * TOWNS
    assert seen["levels", True] > 12 * seen["levels", False]
    assert seen["prices", True] > 4 * seen["prices", False]


def test_prices_of_nothing_say_nothing():
    """A bound may have no set at all, and be named."""
    for seed in range(TOWNS):
        found = solved(seed)
        if found is None:
            continue
        instance, result = found
        claim = copy.deepcopy(result.certificate)
        for goal in claim["goals"]:
            for part in goal.get("stages", [goal]):
                part["prices"] = {key: {} for key in claim["sides"]} | part["prices"]
        more = replace(result, certificate=claim)
        assert sm.check_certificate(instance, more) == (), seed


def test_a_claim_left_out_or_added_is_refused():
    for seed in range(TOWNS):
        found = solved(seed)
        if found is None:
            continue
        instance, result = found
        for path in {leaf[:-1] for leaf in leaves(result.certificate)}:
            claim = copy.deepcopy(result.certificate)
            holder = claim
            for key in path:
                holder = holder[key]
            if isinstance(holder, list):
                holder.append("nobody")
            else:
                holder["nobody"] = 1
            # A name that nothing reads claims nothing.
            unread = not path or path[-2:-1] in {("goals",), ("stages",)}
            if unread or path[-1] == "cut":
                continue
            false = replace(result, certificate=claim)
            assert sm.check_certificate(instance, false), path


@pytest.mark.parametrize(
    "claim",
    [
        {},
        {"goals": [], "sides": {}},
        {"goals": [{}, {}, {}], "sides": {"capacity": "slot"}},
        {"goals": 3, "sides": None},
        {"goals": [{"prices": {"capacity": {"nowhere": 1}}}] * 3},
        {"goals": [{"prices": {"capacity": {"mon": True}}, "levels": {}}] * 3},
        {"goals": [{"prices": [], "levels": 4}] * 3},
    ],
)
def test_nonsense_is_refused(claim: Any):
    town = sm.Instance(
        communities=[sm.Community(id="a")],
        facilities=[sm.Facility(id="hall", community="a")],
        slots=[sm.Slot(id="mon", facility="hall", kinds=["any"], capacity=1)],
        needs=[sm.Need(id="x", community="a", kind="any", quantity=2)],
    )
    result = sm.solve(town)
    assert sm.check_certificate(town, result) == ()
    full = {"sides": result.certificate["sides"], **claim}
    assert sm.check_certificate(town, replace(result, certificate=full))
    assert sm.check_certificate(town, replace(result, certificate=None))
    worse = with_plan(result, {})
    assert sm.check_certificate(town, worse)


@pytest.mark.parametrize(
    ("goal", "plan", "message"),
    [
        (sm.Maximize("served"), {}, "served"),
        (sm.Minimize("served"), {("x", "mon"): 1}, "not served"),
    ],
)
def test_a_need_that_stands_wrong_is_told(goal: Any, plan: Any, message: str):
    town = sm.Instance(
        communities=[sm.Community(id="a")],
        facilities=[sm.Facility(id="hall", community="a")],
        slots=[sm.Slot(id="mon", facility="hall", kinds=["any"], capacity=3)],
        needs=[sm.Need(id="x", community="a", kind="any", quantity=2)],
    )
    false = with_plan(sm.solve(town, sm.Policy(goals=[goal])), plan)
    assert [*map(str, sm.check_certificate(town, false))] == [
        "goal 1: its value is not that of the plan",
        f"goal 1: the certificate leaves a need that would be better {message}",
    ]


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [{"a": value}]
    return value


def paths(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path to every value inside a document."""
    if path:
        yield path
    if isinstance(node, list):
        node = dict(enumerate(node[:50]))
    for key, value in node.items() if isinstance(node, dict) else ():
        yield from paths(value, (*path, key))


def at(document: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        document = document[key]
    return document


ODD: list[Any] = [
    *(None, True, False, 0, 1, -1, 0.5, 1e308, float("nan"), float("inf")),
    *(2**60, -(2**60), 2**60 + 1, 2**63, -(2**63), 10**400),
    *("", "need", "slot", "prices", "1/0", "nan", "1e999999999", "9" * 5000),
    *([], {}, [[]], [{}], [None], {"": {}}, {"a": []}, ["need"] * 3),
    *({"stages": []}, {"stages": [{}]}, {"stages": {"a": 1}}, {"stages": "ab"}),
    *({"prices": {}}, {"levels": {}}, {"prices": {}, "levels": {}, "blocks": []}),
    [{"ratio": "0", "prices": {}, "levels": {}, "blocks": []}] * 3,
    *([0] * 20_000, {str(i): 1 for i in range(20_000)}, [{}] * 20_000),
]


def mutated(document: Any, rng: random.Random) -> Any:
    """Return a document with a few of its values replaced, moved, left out or added."""
    document = copy.deepcopy(document)
    if rng.random() < 0.03:
        path = rng.choice([*paths(document)])
        at(document, path[:-1])[path[-1]] = nested(rng.choice([50, 300, 470, 3000]))
        return document
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        known = [*paths(document)]
        if not known:
            break
        path = rng.choice(known)
        holder, key = at(document, path[:-1]), path[-1]
        odd = copy.deepcopy(rng.choice(ODD))
        how = rng.randrange(10)
        if how < 6:
            holder[key] = odd
        elif how < 7:
            holder[key] = copy.deepcopy(at(document, rng.choice(known)))
        elif how < 8:
            del holder[key]
        elif isinstance(holder, list):
            holder.insert(key, odd)
        else:
            name = rng.choice(["nobody", "", "prices", "levels", "stages", "ratio"])
            holder[name] = odd
    return document


def proved(count: int) -> list[tuple[sm.Instance, sm.Result]]:
    return [found for seed in range(count) if (found := solved(seed))]


def test_no_certificate_makes_the_check_fail_or_hang():
    rng = random.Random(1)
    towns, refused = proved(30), 0
    for _ in range(20 * TOWNS):
        instance, result = rng.choice(towns)
        claim = mutated(result.certificate, rng)
        false = replace(result, certificate=claim)
        refused += bool(sm.check_certificate(instance, false))
    assert refused > 16 * TOWNS
