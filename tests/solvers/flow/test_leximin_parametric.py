"""Ratios at which nobody has to stay are passed at once: as one by one, and faster."""

import random
from collections import Counter
from typing import Any

import pytest

import sharematch as sm
from sharematch.solvers.flow import lexicographic as network
from sharematch.solvers.flow import leximin_parametric as ratios
from tests.tiny import tiny_case


def case(seed: int) -> tuple[sm.Instance, sm.Policy]:
    """Return a tiny town with goals of groups; in some, quantities of up to 40."""
    fields, terms = tiny_case(seed)
    instance, policy = sm.Instance(**fields), sm.Policy(**terms)
    if seed % 2:
        rng = random.Random(seed)
        needs = [
            need.model_copy(update={"quantity": rng.randrange(10 * need.quantity + 1)})
            for need in instance.needs
        ]
        slots = [
            slot.model_copy(
                update={
                    "capacity": slot.reserve + rng.randrange(20 * slot.capacity + 1)
                }
            )
            for slot in instance.slots
        ]
        instance = instance.replace(needs=needs, slots=slots, pairs=[], decisions=[])
        goals: list[Any] = [
            sm.Leximin("fill_rate", by="need"),
            sm.Leximax("used", by="slot"),
        ]
        policy = sm.Policy(rules=policy.rules, goals=[*goals, *policy.goals])
    return instance, policy


@pytest.mark.parametrize("first", range(0, 160, 80))
def test_passing_many_ratios_is_as_one_by_one(
    first: int, monkeypatch: pytest.MonkeyPatch
):
    passed: Counter[bool] = Counter()
    go = ratios._pass

    def counted(net: Any, face: Any, at: Any, last: Any) -> Any:
        found = go(net, face, at, last)
        passed[found[1] is not last] += 1
        return found

    for seed in range(first, first + 80):
        instance, policy = case(seed)
        with monkeypatch.context() as patch:
            patch.setattr(network, "is_outermost", lambda *_: False)
            patch.setattr(ratios, "_pass", counted)
            one = sm.solve(instance, policy)
            patch.setattr(ratios, "_pass", lambda _net, face, _at, last: (face, last))
            other = sm.solve(instance, policy)
        assert one.status == other.status, seed
        assert [g.value for g in one.goals] == [g.value for g in other.goals], seed
        assert one.certificate == other.certificate or seed % 2, seed
    assert passed[True] > 10
    assert passed[False] > 2


def test_flows_do_not_grow_with_quantities(monkeypatch: pytest.MonkeyPatch):
    flows: Counter[int] = Counter()
    size = 1

    def count(name: str) -> Any:
        real = getattr(ratios, name)

        def counted(*given: Any) -> Any:
            flows[size] += 1
            return real(*given)

        return counted

    for name in ("_leave", "mended"):
        monkeypatch.setattr(ratios, name, count(name))
    policy = sm.Policy(
        rules=[sm.AtMost("fill_rate", "3/4", by="community")],
        goals=[sm.Leximin("fill_rate", by="need")],
    )
    for size in (3, 1_000, 10**6):
        rng = random.Random(1)
        slots = [f"s{i}" for i in range(8)]
        town = sm.Instance(
            communities=[sm.Community(id=name) for name in "abc"],
            facilities=[sm.Facility(id="hall", community="a")],
            slots=[
                sm.Slot(
                    id=slot,
                    facility="hall",
                    kinds=["any"],
                    capacity=size * rng.randint(1, 3),
                )
                for slot in slots
            ],
            needs=[
                sm.Need(
                    id=f"n{i}",
                    community=rng.choice("abc"),
                    kind="any",
                    quantity=size * rng.randint(1, 4) + rng.randint(0, 2),
                    choices=rng.sample(slots, 2),
                )
                for i in range(12)
            ],
        )
        result = sm.solve(town, policy)
        assert result.is_optimal
        assert sm.check_certificate(town, result) == ()
    assert max(flows.values()) < 3 * 12 + 12, flows
