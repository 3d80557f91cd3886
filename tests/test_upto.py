"""Goals that count up to a ceiling, and bounds by group, against every plan."""

import os
from collections import Counter
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

import sharematch as sm
from sharematch.core.network.merging import Merged
from sharematch.io.publishing.reading import columns_of
from sharematch.model.refusals import conflict_notes
from sharematch.publication import publish
from sharematch.solvers.flow import lexicographic as network
from tests import oracles
from tests.tiny import tiny_case
from tests.tiny.upto import with_ceilings
from tests.tiny_coupled import tiny_coupled_case

CHUNK = 50
CASES = 10_000 if os.environ.get("HYPOTHESIS_PROFILE") == "deep" else 150


def check(
    seed: int, instance: sm.Instance, policy: sm.Policy, **more: Any
) -> sm.Result:
    """Solve and compare with all plans there are."""
    baseline = more.get("baseline")
    before = None
    if baseline is not None:
        before = {(a.need, a.slot): a.quantity for a in baseline}
    oracle = oracles.Case(instance, policy.rules, before)
    best = oracle.best(policy.goals)
    result = sm.solve(instance, policy, **more)
    if best is None:
        assert result.status == "infeasible", seed
        return result
    assert result.status == "optimal", seed
    plan = {(a.need, a.slot): a.quantity for a in result.allocation}
    assert not oracle.violations(plan), seed
    values = [oracle.goal_value(goal, plan) for goal in policy.goals]
    assert values == [goal.value for goal in result.goals], seed
    assert [goal.bound for goal in result.goals] == list(best[0]), seed
    for goal, value, optimum in zip(policy.goals, values, best[0], strict=True):
        assert value == optimum or getattr(goal, "slack", None), seed
    return result


@pytest.mark.parametrize("first", range(0, CASES, CHUNK))
def test_flows_with_ceilings_equal_brute_force(
    first: int, monkeypatch: pytest.MonkeyPatch
):
    seen: Counter[str] = Counter()
    for seed in range(first, first + CHUNK):
        fields, policy_fields = tiny_case(seed)
        policy = sm.Policy(**with_ceilings(seed, fields, policy_fields))
        instance = sm.Instance(**fields)
        with monkeypatch.context() as patch:
            if seed % 3 == 2:
                patch.setattr(network, "merge", Merged)
            result = check(seed, instance, policy)
        seen[f"{result.structure} {result.status}"] += 1
        if result.structure == "network" and result.status == "optimal":
            assert result.certificate["kind"] == "prices", seed
            assert sm.check_certificate(instance, result) == (), seed
        again = sm.Result.from_dict(result.to_dict(), instance)
        assert again.goals == result.goals, seed
    assert seen["network optimal"] >= 0.4 * CHUNK, seen
    assert seen["coupled optimal"], seen


@pytest.mark.parametrize("first", range(0, CASES, CHUNK))
def test_coupled_ceilings_equal_brute_force(first: int):
    for seed in range(first, first + CHUNK):
        fields, policy_fields, baseline = tiny_coupled_case(seed)
        earlier = None if baseline is None else sm.Allocation(baseline)
        policy = sm.Policy(**with_ceilings(seed, fields, policy_fields))
        check(seed, sm.Instance(**fields), policy, baseline=earlier)


# ---- worked by hand


def hall(**fields: Any) -> dict[str, Any]:
    """Return the fields of one hall of Junmiao."""
    facility = {"id": "hall", "community": "junmiao"}
    slot = {"facility": "hall", "kinds": ["sport"], "capacity": 1, **fields}
    return {"facilities": [facility], "slots": [slot]}


def asked(*needs: dict[str, Any]) -> Any:
    return [{"community": "junmiao", "kind": "sport", **need} for need in needs]


def test_clubs_have_two_hours_first_then_by_minutes_asked():
    """Guests keep to their community's one unit; the last hour fits tigers only."""
    town = sm.Instance(
        communities=[
            sm.Community(id="junmiao", entitlement=4),
            sm.Community(id="lianqiao", entitlement=1),
        ],
        **hall(id="s", start="2026-12-01T12:00", end="2026-12-01T18:00", step=60),
        needs=asked(
            {"id": "t", "minutes": 60, "times": 4, "per_day": 4, "groups": ["tigers"]},
            {"id": "l", "minutes": 120, "times": 2, "per_day": 2, "groups": ["lions"]},
            {
                "id": "g",
                "minutes": 60,
                "times": 3,
                "per_day": 3,
                "groups": ["guests"],
                "community": "lianqiao",
            },
        ),
    )
    first = {"tigers": 120, "lions": 120, "guests": 0}
    policy = sm.Policy(
        rules=[sm.AtMost("served", "entitlement", by="community")],
        goals=[
            sm.Maximize("minutes", by="group", upto=first),
            sm.Leximin("minutes", by="group", weights="demand"),
        ],
    )
    result = sm.solve(town, policy)
    assert result.is_optimal
    rates = (Fraction(1, 3), Fraction(1, 2), Fraction(3, 4))
    assert [goal.value for goal in result.goals] == [240, rates]
    assert result.value("served") == 5


def test_each_once_first_and_only_named_groups_are_compared():
    """Girls and boys 2 of 4 and 1 of 2; north, south and adults are not judged."""
    evening: Any = {"id": "fri", "start": "2026-12-04T17:00", "end": "2026-12-04T19:00"}
    town = sm.Instance(
        communities=[sm.Community(id="junmiao")],
        facilities=[sm.Facility(id="hall", community="junmiao")],
        slots=[
            sm.Slot(facility="hall", kinds=["sport"], capacity=3, **evening),
            sm.Slot(
                id="sat",
                facility="hall",
                kinds=["sport"],
                capacity=2,
                start="2026-12-05T09:00",
                end="2026-12-05T11:00",
            ),
        ],
        needs=asked(
            {"id": "g1", "quantity": 2, "groups": ["girls", "north"]},
            {"id": "b1", "quantity": 2, "groups": ["boys", "north"]},
            {
                "id": "g2",
                "quantity": 2,
                "groups": ["girls", "south"],
                "choices": ["sat"],
            },
            {"id": "x", "quantity": 2, "groups": ["adults"]},
        ),
    )
    named = {"group": ["girls", "boys"]}
    once = {"time": "mon-fri 16:00-20:00", "group": "adults"}
    policy = sm.Policy(
        rules=[
            sm.Within("fill_rate", 0, by="group", where=named),
            sm.AtMost("served", 1, by="weekday", where=once),
        ],
        goals=[
            sm.Maximize("served", by="need", upto=1),
            sm.Maximize("served"),
            sm.Maximize("served", where={"weekday": "sat", "group": "girls"}),
        ],
    )
    result = sm.solve(town, policy)
    assert [goal.value for goal in result.goals] == [4, 5, 1]


def test_a_third_of_a_session_in_use_are_migrants():
    """One migrant, so three units; of those the two that pay least beside."""
    town = sm.Instance(
        communities=[sm.Community(id="junmiao")],
        **hall(id="class", capacity=6),
        needs=asked(
            {"id": "a", "quantity": 4, "person": "a"},
            {"id": "b", "quantity": 5, "person": "b"},
            {"id": "m", "groups": ["migrants"]},
        ),
    )
    third = sm.AtLeast("mix", "1/3", by="slot", where={"group": "migrants"})
    ceiling = sm.AtMost("served", {"a": 2, "b": 1}, by="person")
    goals = [sm.Maximize("served"), sm.Maximize("served", where={"need": "a"})]
    result = sm.solve(town, sm.Policy(rules=[third, ceiling], goals=goals))
    assert [goal.value for goal in result.goals] == [3, 2]
    plan = [("class", "a", 2), ("class", "b", 1)]
    (broken,) = sm.verify(town, sm.Allocation(plan), result.policy)
    assert "mix" in str(broken)
    assert "0" in str(broken)
    empty = sm.verify(town, sm.Allocation([]), result.policy)
    assert empty == ()


# ---- what is said


def clubs(**changes: Any) -> sm.Instance:
    """Return two clubs that ask for 4 and 2 units, and 5 places."""
    return sm.Instance(
        communities=[
            sm.Community(id="junmiao", entitlement=3),
            sm.Community(id="lianqiao"),
        ],
        **hall(id="s", capacity=5),
        needs=asked(
            {"id": "judo", "quantity": 4, "groups": ["tigers"]},
            {
                "id": "choir",
                "quantity": 2,
                "groups": ["lions"],
                "community": "lianqiao",
            },
        ),
        **changes,
    )


def test_a_floor_above_what_is_asked_names_both_numbers_and_upto():
    floor = sm.AtLeast("served", {"tigers": 3, "lions": 7}, by="group")
    result = sm.solve(clubs(), sm.Policy(rules=[floor]))
    assert result.conflict is not None
    (term,) = result.conflict
    assert (term.least, term.asked) == (7, 2)
    assert (term.bound, term.relaxed) == ('{"lions": 7}', '{"lions": 2}')
    for text in (str(result), "\n".join(conflict_notes([term], "zh"))):
        assert "7" in text
        assert "2" in text
        assert "upto=7" in text
    again = sm.Result.from_dict(result.to_dict(), clubs())
    assert again.conflict == result.conflict
    goal = sm.Maximize("served", by="group", upto={"tigers": 3, "lions": 7})
    assert sm.solve(clubs(), sm.Policy(goals=[goal])).goals[0].value == 5


def test_a_conflict_names_no_more_groups_than_it_takes():
    floor = sm.AtLeast("served", {"tigers": 3, "lions": 1}, by="group")
    ceiling = sm.AtMost("served", "entitlement", by="community")
    none = sm.AtMost("served", 2, where={"group": "tigers"})
    result = sm.solve(clubs(), sm.Policy(rules=[floor, ceiling, none]))
    bounds = {term.rule: term.bound for term in result.conflict or ()}
    assert bounds == {1: '{"tigers": 3}', 3: ""}


@pytest.mark.parametrize(
    ("term", "told"),
    [
        (sm.Maximize("served", by="group", upto={"tiegrs": 3}), "tiegrs"),
        (sm.Leximin("served", by="group", weights={"tiegrs": 3}), "tiegrs"),
        (sm.Maximize("served", by=("group", "kind"), upto={"lions | spor": 3}), "spor"),
    ],
)
def test_numbers_of_groups_that_nothing_is_in_are_told(term: Any, told: str):
    result = sm.solve(clubs(), sm.Policy(goals=[term]))
    (warning,) = result.warnings
    assert told in warning


WRONG: list[tuple[Any, str]] = [
    (lambda: sm.Maximize("served", upto={"a": 1}), "one number without groups"),
    (lambda: sm.Maximize("served", by="assignment", upto=1), "must name groups"),
    (lambda: sm.Maximize("served", by="need", upto=-1), "must not be negative"),
    (lambda: sm.Maximize("fees", by="need", upto="0.001"), "two decimal places"),
    (lambda: sm.Maximize("used", by="slot", upto="demand"), "groups of needs"),
    (lambda: sm.Maximize("travel", by="need", upto="demand"), "not asked for in"),
    (lambda: sm.AtMost("served", "entitlement", by="need"), "community and area"),
    (lambda: sm.AtMost("served", {"a": 1}, by="assignment"), "without groups"),
    (lambda: sm.Minimize("served", by="need"), "a total has no groups"),
    (lambda: sm.Maximize("mix", where={"group": "x"}), "only in AtLeast"),
    (lambda: sm.AtLeast("mix", "1/3", by="slot"), "must name needs"),
    (lambda: sm.AtLeast("mix", 1, by="need", where={"group": "x"}), "cannot group mix"),
]


@pytest.mark.parametrize(("make", "told"), WRONG)
def test_what_cannot_be_is_refused(make: Any, told: str):
    with pytest.raises(sm.SharematchError, match=told) as caught:
        make()
    assert caught.value.text("zh") != str(caught.value)


def test_a_community_that_is_not_there_is_refused():
    policy = sm.Policy(goals=[sm.Maximize("served", "community", {"junmaio": 1})])
    with pytest.raises(sm.SharematchError, match="upto junmaio: names no community"):
        sm.solve(clubs(), policy)


# ---- published, and large


def test_ceilings_are_published_and_proved_there():
    policy = sm.Policy(
        rules=[sm.AtMost("served", {"tigers": 3}, by="group")],
        goals=[
            sm.Maximize("served", by="need", upto={"judo": 1, "choir": 1}),
            sm.Maximize("served", by="community", upto="entitlement"),
            sm.Leximin("served", by="group", weights="demand"),
        ],
    )
    result = sm.solve(clubs(), policy)
    shown = publish(clubs(), result, b"sixteen bytes ok")
    columns = columns_of(shown.instance)
    public = sm.Result.from_dict(dict(shown.result), columns)
    assert [g.value for g in public.goals] == [g.value for g in result.goals]
    assert sm.check_certificate(columns, public) == ()
    assert "judo" not in str(shown.result)


def test_flows_of_a_town_equal_a_program_over_integers():
    rng = np.random.default_rng(5)
    needs, slots, groups = 150, 25, 12
    home = rng.integers(0, groups, needs)
    quantity, capacity = rng.integers(1, 6, needs), rng.integers(0, 12, slots)
    reach = rng.random((needs, slots)) < 0.12
    town = sm.Instance(
        communities=[sm.Community(id=f"c{g:02}") for g in range(groups)],
        facilities=[sm.Facility(id="f", community="c00")],
        slots=[
            sm.Slot(id=f"s{j:02}", facility="f", kinds=["k"], capacity=int(capacity[j]))
            for j in range(slots)
        ],
        needs=[
            sm.Need(
                id=f"n{i:03}",
                community=f"c{home[i]:02}",
                kind="k",
                quantity=int(quantity[i]),
                choices=[f"s{j:02}" for j in np.flatnonzero(reach[i])],
            )
            for i in range(needs)
            if reach[i].any()
        ],
    )
    upto = {f"c{g:02}": int(rng.integers(0, 15)) for g in range(groups)}
    goals = [
        sm.Maximize("served", by="community", upto=upto),
        sm.Maximize("served", by="need", upto=1),
        sm.Maximize("served"),
    ]
    result = sm.solve(town, sm.Policy(goals=goals))
    assert result.structure == "network"
    assert sm.check_certificate(town, result) == ()
    first, second = np.nonzero(reach)
    num = len(first)
    # Variables: units on pairs, what counts of communities, what counts of needs.
    rows = np.zeros((needs + slots + groups + needs, num + groups + needs))
    pair = np.arange(num)
    rows[first, pair] = rows[needs + second, pair] = 1
    rows[needs + slots + home[first], pair] = -1
    rows[needs + slots + groups + first, pair] = -1
    own = np.arange(groups + needs)
    rows[needs + slots + own, num + own] = 1
    most = np.concatenate([quantity, capacity, np.zeros(groups + needs)])
    ends = np.concatenate([np.full(num, 9), [*upto.values()], np.ones(needs)])
    constraints = [LinearConstraint(rows, ub=most)]
    for position, chosen in enumerate(
        (slice(num, num + groups), slice(num + groups, None), slice(0, num))
    ):
        gain = np.zeros(rows.shape[1])
        gain[chosen] = 1
        best = milp(
            -gain,
            integrality=np.ones(len(gain), np.int64),
            bounds=Bounds(0, ends),
            constraints=constraints,
        )
        assert best.fun is not None
        most_there_is = round(-best.fun)
        assert result.goals[position].value == most_there_is
        constraints.append(LinearConstraint(gain, lb=most_there_is))
