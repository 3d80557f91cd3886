"""What prices prove: each measure answers for itself, and what couples is refused."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import MISSING, fields, replace
from decimal import Decimal
from fractions import Fraction
from itertools import islice
from typing import Any

import pytest

import sharematch as sm
from sharematch.claims import check_claims
from sharematch.model.measure import Measure
from sharematch.model.measures import MEASURES
from sharematch.text import told
from tests import oracles
from tests.tiny import LENGTHS, MONEY, tiny_case

GOAL_MEASURES = [name for name, each in MEASURES.items() if not each.only_in_rules]
PRICED = {
    "always": {
        *("served", "demand", "unmet", "fill_rate", "weighted_served", "travel"),
        *("wait", "lateness", "fees", "parity_gap", "rank", "tier", "lent"),
        *("borrowed", "used", "utilization", "bookings", "minutes", "unpreferred"),
        *("unit_cost", "unit_subsidy"),
    },
    "unopened": {"cost", "subsidy"},
    "minimized": {"moved"},
    "never": {"opened_slots", "opened_facilities", "mix"},
}
COUNTED = {
    *("served", "unmet", "fill_rate", "lent", "borrowed", "used", "utilization"),
    "bookings",
}


def test_each_measure_says_what_prices_prove():
    facts = {field.name: field for field in fields(Measure)}
    for name in ("priced", "counts"):  # no measure can leave it out
        assert facts[name].default is MISSING
        assert facts[name].default_factory is MISSING
    said: dict[str, set[str]] = {}
    for name, measure in MEASURES.items():
        said.setdefault(measure.priced, set()).add(name)
    assert said == PRICED
    assert {name for name, measure in MEASURES.items() if measure.counts} == COUNTED


# ---- the answers are true


def cases() -> Iterator[tuple[oracles.Case, list[Any], bool]]:
    """Yield instances, some plans, and whether nothing there costs to open."""
    for seed in range(100):
        rng = random.Random(seed)
        fields, _ = tiny_case(seed)
        is_free = seed % 2 == 0
        for row in fields["slots"]:
            row |= {name: rng.choice(MONEY) for name in ("fee", "unit_cost")}
            if not is_free:
                row["opening_cost"] = rng.choice(MONEY)
        pairs = [(n["id"], s["id"]) for n in fields["needs"] for s in fields["slots"]]
        fields["pairs"] = [
            {"need": need, "slot": slot, "cost": 0 if is_free else rng.choice(MONEY)}
            for need, slot in pairs
        ]
        places = [row["id"] for row in (*fields["slots"], *fields["facilities"])]
        for row in fields["needs"]:
            row["max_travel"] = rng.choice((None, None, *LENGTHS))
            row["choices"] = rng.sample(places, len(places))
        baseline = dict.fromkeys(rng.sample(pairs, min(3, len(pairs))), 1)
        case = oracles.Case(sm.Instance(**fields), (), baseline)
        yield case, [*islice(case.fillings(case.arcs, {}), 0, 60, 6)], is_free


def is_sum(case: oracles.Case, plans: list[Any], name: str) -> bool:
    """Return whether a total is a sum over units in all of some plans."""

    def total(plan: Any) -> Fraction:
        return Fraction(case.measure(plan, name))

    base = total({})
    worth = {pair: total({pair: 1}) - base for pair in case.arcs}
    return all(
        total(plan) - base == sum(worth[pair] * units for pair, units in plan.items())
        for plan in plans
    )


def is_count(case: oracles.Case, plans: list[Any], name: str, by: str) -> bool:
    """Return whether units add nothing to a group, or all the same."""

    def values(plan: Any) -> dict[Any, Fraction]:
        return case.judged(plan, name, by, None)

    base = values({})
    for group in base:
        worth = {pair: values({pair: 1})[group] - base[group] for pair in case.arcs}
        if len({*worth.values()} - {0}) > 1:
            return False
        if name not in UNITS and {*worth.values()} - {0, 1, -1}:
            return False
        for plan in plans[-3:]:
            added = sum(worth[pair] * units for pair, units in plan.items())
            if values(plan)[group] - base[group] != added:
                return False
    return True


UNITS = ("fill_rate", "utilization")
"""Counts, divided by what a group asks for or offers."""


def test_the_answers_for_totals_are_true():
    sums: Counter[tuple[str, bool, bool]] = Counter()
    for case, plans, is_free in cases():
        for name in GOAL_MEASURES:
            sums[name, is_free, is_sum(case, plans, name)] += 1
    for name in GOAL_MEASURES:
        priced = MEASURES[name].priced
        assert sums[name, True, False] == 0 or priced in ("minimized", "never"), name
        assert sums[name, False, False] == 0 or priced != "always", name
        if priced != "always":
            assert sums[name, False, False] > 0, name
        if priced in ("minimized", "never"):
            assert sums[name, True, False] > 0, name


def test_the_answers_for_groups_are_true():
    counts: Counter[tuple[str, bool]] = Counter()
    for case, plans, _ in islice(cases(), 80):
        for name in GOAL_MEASURES:
            by = "community" if MEASURES[name].side == "need" else "facility"
            counts[name, is_count(case, plans, name, by)] += 1
    for name in GOAL_MEASURES:
        if MEASURES[name].counts:
            assert counts[name, False] == 0, name
        elif name not in {"demand", "unpreferred"}:  # no unit here changes anything
            assert counts[name, False] > 0, name


# ---- what couples is refused, whatever is claimed


def coupling_town(
    need: Any = None, slot: Any = None, pair: Any = None, **facility: Any
) -> sm.Instance:
    """Return three needs and three slots, with more fields for some of them."""
    need, slot = need or {}, slot or {}
    return sm.Instance(
        communities=[
            sm.Community(id="tianfeng", location=(0, 0)),
            sm.Community(id="junmiao", location=(0, 0.01)),
        ],
        facilities=[
            sm.Facility(id="hall", community="tianfeng", **facility),
            sm.Facility(id="school", community="junmiao"),
        ],
        slots=[
            sm.Slot(
                **{"id": name, "facility": place, "kinds": ["a", "b"], "capacity": 3}
                | {"start": f"2026-03-0{day}T10:00", "end": f"2026-03-0{day}T11:00"}
                | {"fee": day, "unit_cost": 2}
                | slot
            )
            for name, place, day in (("mon", "hall", 2), ("tue", "school", 3))
        ],
        needs=[
            sm.Need(
                **{"id": name, "community": home, "kind": kind, "quantity": 2}
                | {"since": "2026-03-01", "weight": weight}
                | need
            )
            for name, home, kind, weight in (
                ("choir", "tianfeng", "a", 1),
                ("dance", "junmiao", "a", 2),
                ("chess", "tianfeng", "b", 1),
            )
        ],
        pairs=[sm.Pair(need="choir", slot="mon", **pair)] if pair else [],
    )


MOST = sm.Maximize("served")
PLACE: dict[str, Any] = {"slot": "facility"}

COUPLED: dict[str, tuple[dict[str, Any], list[Any], list[Any], str]] = {
    # What is in the records
    "whole": ({"need": {"whole": True}}, [], [MOST], 'need "chess": whole'),
    "min": ({"need": {"min_quantity": 2}}, [], [MOST], 'need "chess": min_quantity'),
    "sessions": (
        {"need": {"sessions": 2, "quantity": 1}, "slot": {"facility": "hall"}},
        [],
        [MOST],
        'need "chess": sessions',
    ),
    "person": ({"need": {"person": "p"}}, [], [MOST], 'need "chess": person'),
    "together": ({"need": {"together": "t"}}, [], [MOST], 'need "chess": together'),
    "min_units": ({"slot": {"min_units": 2}}, [], [MOST], 'slot "mon": min_units'),
    "either": ({"slot": {"either": "e"}}, [], [MOST], 'slot "mon": either'),
    "sizes": ({"pair": {"units": 2}}, [], [MOST], 'pair "choir → mon": units'),
    "sizes, utilization": (
        {"pair": {"units": 2}},
        [],
        [sm.Maximize("utilization")],
        'pair "choir → mon": units',
    ),
    # What a goal asks for
    "opening": (
        {"slot": {"opening_cost": 100}},
        [],
        [MOST, sm.Minimize("cost")],
        "goal 2 (minimize cost): opening_cost",
    ),
    "opening a facility": (
        {"opening_cost": 100},
        [],
        [sm.Maximize("cost")],
        "goal 1 (maximize cost): opening_cost",
    ),
    "opening, subsidy": (
        {"slot": {"opening_cost": 5}},
        [],
        [sm.Minimize("subsidy")],
        "goal 1 (minimize subsidy): opening_cost",
    ),
    "subsidy": (
        {"pair": {"cost": 4}},
        [],
        [MOST, sm.Minimize("subsidy")],
        "goal 2 (minimize subsidy): subsidy with pair costs",
    ),
    "opened_slots": (
        {},
        [],
        [MOST, sm.Minimize("opened_slots")],
        "goal 2 (minimize opened_slots): opened_slots",
    ),
    "opened_facilities": (
        {},
        [],
        [sm.Maximize("opened_facilities")],
        "goal 1 (maximize opened_facilities): opened_facilities",
    ),
    "most moved": ({}, [], [sm.Maximize("moved")], "goal 1 (maximize moved): to move"),
    "slack": (
        {},
        [],
        [sm.Maximize("served", slack=Fraction(1, 10))],
        "goal 1 (maximize served): slack",
    ),
    **{
        f"{op.__name__} {name}": (
            {},
            [],
            [MOST, op(name, by=PLACE.get(MEASURES[name].side, "community"))],
            f"goal 2 ({op.__name__.lower()} {name}): {name} by group",
        )
        for op in (sm.Leximin, sm.Leximax)
        for name in sorted({*GOAL_MEASURES} - COUNTED)
    },
    "overlap": (
        {"need": {"groups": ["girls", "young"]}},
        [],
        [sm.Leximin("served", by="group")],
        "goal 1 (leximin served): groups that overlap",
    ),
    # What a rule bounds
    "within": (
        {},
        [sm.Within("served", 9, by="need")],
        [MOST],
        "rule 1 (within served): Within",
    ),
    "budget": (
        {},
        [sm.AtMost("fees", 99)],
        [MOST],
        "rule 1 (at_most fees): a bound on fees with unequal",
    ),
    "weights": (
        {},
        [sm.AtMost("weighted_served", 4, by="kind")],
        [sm.Maximize("utilization")],
        "rule 1 (at_most weighted_served): a bound on weighted_served with unequal",
    ),
    "opening, budget": (
        {"slot": {"opening_cost": 1}},
        [sm.AtMost("cost", 99)],
        [MOST],
        "rule 1 (at_most cost): opening_cost",
    ),
    "opened, bound": (
        {},
        [sm.AtMost("opened_slots", 1)],
        [MOST],
        "rule 1 (at_most opened_slots): a bound on opened_slots",
    ),
    "moved, bound": (
        {},
        [sm.AtMost("moved", 1)],
        [MOST],
        "rule 1 (at_most moved): a bound on moved",
    ),
}

SIDES = dict.fromkeys(("capacity", "reserve", "max_units"), "slot")


def priced(result: sm.Result, sides: Any = None) -> sm.Result:
    """Return a result that says it is of a network, and proved by prices of 0."""
    goals: list[dict[str, Any]] = [
        {"prices": {}} | ({} if goal.by is None else {"levels": {}, "blocks": []})
        for goal in result.policy.goals
    ]
    certificate = {"kind": "prices", "sides": sides or SIDES, "goals": goals}
    return replace(result, structure="network", certificate=certificate)


@pytest.mark.parametrize("name", COUPLED)
def test_prices_prove_nothing_where_units_couple(name: str):
    more, rules, goals, message = COUPLED[name]
    town = coupling_town(**more)
    policy = sm.Policy(rules=rules, goals=goals)
    result = sm.solve(town, policy, baseline=sm.Allocation([("mon", "choir", 1)]))
    assert (result.structure, result.certificate["kind"]) != ("network", "prices")
    assert result.certificate["kind"] == "bounds"
    (first, *_) = problems = sm.check_certificate(town, priced(result))
    assert str(first).startswith(f"prices prove nothing here: {message}")
    for problem in problems:
        chinese = told(str(problem), "zh")
        assert chinese.startswith("价格在此不能证明任何内容：")
        assert "coupl" not in chinese
    assert any(f.code == "certificate" for f in check_claims(town, priced(result)))


@pytest.mark.parametrize(
    ("plan", "goal", "best"),
    [
        ([("mon", "choir", 2), ("tue", "chess", 2)], "cost", 100),
        ([("mon", "choir", 2), ("tue", "chess", 2)], "opened_slots", 1),
    ],
)
def test_a_worse_plan_is_not_proved_by_prices(plan: Any, goal: str, best: int):
    town = coupling_town(slot={"opening_cost": 100, "unit_cost": 0, "capacity": 4})
    policy = sm.Policy(
        rules=[sm.AtMost("served", 0, by="need", where={"need": "dance"})],
        goals=[MOST, sm.Minimize(goal)],
    )
    result = sm.solve(town, policy)
    assert [goal.value for goal in result.goals] == [4, best]
    worse = sm.Allocation(plan)
    claimed = replace(result.goals[1], value=2 * best, bound=2 * best)
    false = replace(result, allocation=worse, goals=(result.goals[0], claimed))
    (problem,) = sm.check_certificate(town, priced(false))
    assert str(problem).startswith("prices prove nothing here: goal 2")


def test_partitions_that_cross_are_refused():
    rules = [sm.AtMost("served", 3, by=key) for key in ("community", "kind")]
    town, policy = coupling_town(), sm.Policy(rules=rules, goals=[MOST])
    result = sm.solve(town, policy)
    assert (result.structure, result.certificate["kind"]) == ("coupled", "bounds")
    for first, second in ("nn", "ns", "sn", "ss"):
        names = {"n": "need", "s": "slot"}
        sides = SIDES | {"rule 1": names[first], "rule 2": names[second]}
        (problem, *_) = sm.check_certificate(town, priced(result, sides))
        assert "crosses other bounds of its side" in str(problem)


def test_bounds_of_records_stand_on_the_side_of_slots():
    town = coupling_town()
    result = sm.solve(town, sm.Policy(goals=[MOST]))
    assert sm.check_certificate(town, result) == ()
    for name in SIDES:
        sides = result.certificate["sides"] | {name: "need"}
        other = replace(result, certificate=result.certificate | {"sides": sides})
        (problem,) = sm.check_certificate(town, other)
        assert "on which side" in str(problem)


def test_bounds_of_one_name_are_refused():
    """Groups may have names in which it cannot be told where one part ends."""
    needs = [
        sm.Need(id="n1", community="c", kind="k", groups=["a", "a | b"]),
        sm.Need(id="n2", community="b | c", kind="k", groups=["a", "a | b"]),
    ]
    town = sm.Instance(
        communities=[sm.Community(id="c"), sm.Community(id="b | c")],
        facilities=[sm.Facility(id="hall", community="c")],
        slots=[sm.Slot(id="mon", facility="hall", kinds=["k"], capacity=1)],
        needs=needs,
    )
    policy = sm.Policy(
        rules=[sm.AtMost("served", 1, by=("group", "community"))], goals=[MOST]
    )
    result = sm.solve(town, policy)
    assert result.is_optimal
    named = {f"rule 1: {a} | {b}" for a in ("a", "a | b") for b in ("c", "b | c")}
    assert len(named) == 3
    sides = SIDES | dict.fromkeys(named, "need")
    (problem,) = sm.check_certificate(town, priced(result, sides))
    assert str(problem) == "the certificate has one name for several bounds"


def test_a_subsidy_that_fees_lower_is_not_said_to_be_at_its_most():
    """One unit is dear, two pay for themselves: using all there is costs nothing."""
    town = sm.Instance(
        communities=[sm.Community(id="a")],
        facilities=[sm.Facility(id="hall", community="a")],
        slots=[
            sm.Slot(
                id="mon",
                facility="hall",
                kinds=["k"],
                capacity=2,
                opening_cost=Decimal(10),
                fee=Decimal(5),
            )
        ],
        needs=[sm.Need(id="n", community="a", kind="k", quantity=2)],
    )
    result = sm.solve(town, sm.Policy(goals=[sm.Maximize("subsidy")]))
    assert result.goals[0].value == 5
    nothing = replace(result.goals[0], value=Decimal(0), bound=Decimal(0))
    false = replace(result, allocation=sm.Allocation(), goals=(nothing,))
    claim = result.certificate["goals"][0] | {"value": "0.00", "bound": "0.00"}
    for basis, code in (("records", "certificate"), ("solver", "claimed")):
        sure = result.certificate | {"goals": [claim | {"basis": basis}]}
        (problem,) = sm.check_certificate(town, replace(false, certificate=sure))
        assert problem.code == code
