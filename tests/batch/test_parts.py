"""One instance part by part, against the whole."""

import json
import os
from typing import Any

import pytest

import sharematch as sm
from sharematch import generate
from sharematch.batch import Failure, WorkerPool, find_parts, solve_parts
from sharematch.batch.stream import Lost
from sharematch.errors import InputError, SolverError
from tests.tiny import tiny_case
from tests.tiny_coupled import tiny_coupled_case

CASES = 12_800 if os.environ.get("HYPOTHESIS_PROFILE") == "deep" else 150
PLACES = ("lianqiao", "tianfeng")
SUMS = sm.Policy(goals=[sm.Maximize("served"), sm.Minimize("travel")])


def town(**changes: Any) -> sm.Instance:
    """Two communities, each with its own room, that share nothing."""
    fields: dict[str, Any] = {
        "communities": [sm.Community(id=place) for place in PLACES],
        "facilities": [sm.Facility(id=f"{p}-hall", community=p) for p in PLACES],
        "slots": [slot(place) for place in PLACES],
        "needs": [need(place) for place in PLACES],
    }
    return sm.Instance(**fields | changes)


def slot(place: str, **changes: Any) -> sm.Slot:
    fields: dict[str, Any] = {"id": f"{place}-mon", "facility": f"{place}-hall"}
    fields |= {"kinds": ["tea"], "capacity": 3, "share": "own"}
    return sm.Slot(**fields | changes)


def need(place: str, **changes: Any) -> sm.Need:
    fields: dict[str, Any] = {"id": f"{place}-elderly", "community": place}
    return sm.Need(**fields | {"kind": "tea", "quantity": 4} | changes)


def text(result: sm.Result) -> str:
    return json.dumps(result.to_dict())


@pytest.mark.parametrize("case", [tiny_case, tiny_coupled_case])
@pytest.mark.parametrize("first", range(0, CASES, 75))
def test_parts_make_the_whole(case, first: int):
    several = 0
    for seed in range(first, first + 75):
        instance_fields, policy_fields, *baseline = case(seed)
        instance = sm.Instance(**instance_fields)
        policy = sm.Policy(**policy_fields)
        if any(baseline) or len(find_parts(instance, policy, size=1)) < 2:
            continue
        several += 1
        whole = sm.solve(instance, policy).to_dict()
        joined = solve_parts(instance, policy, size=1).to_dict()
        free = {"assignments", "measures", "by", "unmet", "certificate"}
        for name in whole.keys() - free:  # a plan of equal worth may be another one
            assert joined[name] == whole[name], (seed, name)
        if joined["assignments"] == whole["assignments"]:
            assert joined == whole, seed
    assert several >= 4


def test_parts_of_a_district_are_solved_through_any_executor(pool: WorkerPool):
    district = generate.make("subdistrict", 1, reach=0.2)
    parts = find_parts(district, SUMS, size=100)
    assert len(parts) > 10
    table: Any = parts.table.rows
    assert sum(row["needs"] for row in table) == len(district.needs)
    assert sum(row["slots"] for row in table) == len(district.slots)
    here = solve_parts(district, SUMS, seed=3, size=100)
    assert text(solve_parts(district, SUMS, pool, seed=3, size=100)) == text(here)
    whole = sm.solve(district, SUMS, seed=3)
    assert here.goals == whole.goals
    assert here.structure == whole.structure == "network"
    assert sm.check_certificate(district, here) == ()


def test_small_components_share_a_part():
    assert find_parts(town(), SUMS, size=1).num_components == 2
    assert len(find_parts(town(), SUMS, size=1)) == 2
    together = find_parts(town(), SUMS)
    assert (together.num_components, len(together)) == (2, 1)
    assert str(together) == "2 components, solved in 1 part"
    assert text(solve_parts(town(), SUMS)) == text(sm.solve(town(), SUMS))
    empty = sm.Instance(communities=[sm.Community(id="lianqiao")])
    assert len(find_parts(empty)) == 0
    assert solve_parts(empty).is_optimal


@pytest.mark.parametrize(
    ("changes", "kind", "example"),
    [
        ({"needs": [need(p, person="p1") for p in PLACES]}, "person", "p1"),
        ({"needs": [need(p, together="choir") for p in PLACES]}, "together", "choir"),
        ({"slots": [slot(p, either="hall") for p in PLACES]}, "either", "hall"),
        (
            {
                "decisions": [
                    sm.Decision(
                        need="lianqiao-elderly", slot="tianfeng-mon", status="pinned"
                    )
                ]
            },
            "decision",
            "lianqiao-elderly",
        ),
    ],
)
def test_records_that_join_are_named(changes, kind, example):
    (coupling,) = find_parts(town(**changes), SUMS, size=1).couplings
    assert (coupling.kind, coupling.position, coupling.joined) == (kind, 0, 1)
    assert coupling.example == example
    assert f"most of them {example}" in str(coupling)


@pytest.mark.parametrize("field", ["max_units", "opening_cost"])
def test_a_facility_joins_its_slots_where_it_has_a_limit_or_a_price(field):
    slots = [slot("lianqiao"), slot("lianqiao", id="lianqiao-tue", kinds=["chess"])]
    needs = [need("lianqiao"), need("lianqiao", id="players", kind="chess")]

    def joined(**limits: Any) -> list[str]:
        hall = sm.Facility(id="lianqiao-hall", community="lianqiao", **limits)
        one = town(facilities=[hall], slots=slots, needs=needs)
        return [c.kind for c in find_parts(one, SUMS, size=1).couplings]

    assert joined() == []
    assert joined(**{field: 5}) == [field]
    opened = sm.Policy(goals=[sm.Minimize("opened_facilities")])
    hall = sm.Facility(id="lianqiao-hall", community="lianqiao")
    one = town(facilities=[hall], slots=slots, needs=needs)
    (coupling,) = find_parts(one, opened, size=1).couplings
    assert (coupling.kind, coupling.example) == ("opened_facilities", "lianqiao-hall")


@pytest.mark.parametrize(
    ("rules", "goals", "kind"),
    [
        ([], [sm.Maximize("served", slack="0.1")], "goal"),
        ([], [sm.Leximin("fill_rate", by="kind")], "goal"),
        ([], [sm.Leximin("served", by=("community", "day"))], "goal"),
        ([sm.AtMost("served", 5)], [], "rule"),
        ([sm.Within("fill_rate", "1/2", by="community")], [], "rule"),
        ([sm.AtLeast("fill_rate", "1/2")], [], "rule"),
        ([], [sm.Leximin("fill_rate", by="community")], None),
        ([sm.AtLeast("fill_rate", "alone", by="community")], [], None),
        ([sm.AtMost("tier", "own", by="assignment")], [], None),
    ],
)
def test_terms_join_where_they_look_across(rules, goals, kind):
    parts = find_parts(town(), sm.Policy(rules=rules, goals=goals), size=1)
    assert [(c.kind, c.position) for c in parts.couplings] == [(kind, 1)] * bool(kind)
    assert len(parts) == (1 if kind else 2)


def test_unknown_distances_join_and_so_do_locations_of_needs_alone():
    somewhere = [sm.Community(id=p, location=(0, 0)) for p in PLACES[:1]]
    nowhere = sm.Community(id="tianfeng")
    more = [sm.Community(id="junmiao", location=(1, 0))]
    halls = [sm.Facility(id=f"{p}-hall", community=p) for p in PLACES]
    far = town(
        communities=[*somewhere, nowhere, *more],
        facilities=halls,
        slots=[slot("lianqiao"), slot("tianfeng", share=None, kinds=["chess"])],
        needs=[need("lianqiao"), need("junmiao", kind="chess")],
    )
    (coupling,) = find_parts(far, SUMS, size=1).couplings
    assert coupling.kind == "travel"
    assert find_parts(far, sm.Policy(goals=SUMS.goals[:1]), size=1).couplings == ()
    assert find_parts(far, sm.Policy.first_come(), size=1).couplings == (coupling,)
    own = town(needs=[need("lianqiao", location=(0, 0)), need("tianfeng")])
    (coupling,) = find_parts(own, SUMS, size=1).couplings
    assert coupling.kind == "location"


def test_first_come_is_first_come_in_every_part():
    district = generate.make("community", 1, reach=0.2)
    policy = sm.Policy.first_come()
    assert len(find_parts(district, policy, size=1)) > 5
    assert text(solve_parts(district, policy, size=1)) == text(
        sm.solve(district, policy)
    )


def test_names_of_other_parts_are_no_error_those_of_none_are():
    policy = sm.Policy(
        rules=[
            sm.AtMost("served", 1, where={"facility": "lianqiao-hall"}),
            sm.AtMost("fees", 1, by="assignment", where={"need": "tianfeng-elderly"}),
        ],
        goals=[
            sm.Leximin("served", by="community", weights={"tianfeng": 2}),
            sm.Maximize("served", where={"community": PLACES}),
            sm.Maximize("served", where={"slot": "lianqiao-mon"}),
        ],
    )
    assert len(find_parts(town(), policy, size=1)) == 2
    joined = solve_parts(town(), policy, size=1)
    assert text(joined) == text(sm.solve(town(), policy))
    assert joined.value("served") == 4
    wrong = sm.Policy(goals=[sm.Maximize("served", where={"slot": "qinqiao-mon"})])
    with pytest.raises(InputError, match="qinqiao-mon"):
        solve_parts(town(), wrong, size=1)
    with pytest.raises(InputError, match="size 0: must be at least 1"):
        find_parts(town(), size=0)


def test_a_rule_about_nothing_still_holds_or_not():
    rule = sm.AtLeast("served", 1, where={"kind": "chess"})
    result = solve_parts(town(), sm.Policy(rules=[rule]), size=1)
    assert result.status == "infeasible"


def test_what_no_part_can_keep_is_explained_by_the_whole():
    rules: Any = [
        sm.AtLeast("served", 4, by="community"),
        sm.AtMost("fees", 1, by="need"),
    ]
    policy = sm.Policy(rules=rules)
    assert len(find_parts(town(), policy, size=1)) == 2
    joined = solve_parts(town(), policy, size=1)
    assert joined.status == "infeasible"
    assert text(joined) == text(sm.solve(town(), policy))


def test_bounds_of_parts_are_a_bound_of_the_whole():
    district = generate.make("subdistrict", 2, reach=0.2, whole=0.5)
    goals: Any = [
        sm.Maximize("fill_rate", where={"group": "elderly"}),
        sm.Leximax("cost", by="facility"),
        sm.Minimize("cost"),
        sm.Maximize("utilization"),
    ]
    policy = sm.Policy(goals=goals)
    proved = solve_parts(district, policy, size=200)
    assert proved.is_optimal
    cut = solve_parts(district, policy, size=200, time_limit=1e-3)
    assert cut.status in ("feasible", "unsolved")
    for goal, best in zip(cut.goals, proved.goals, strict=False):
        assert goal.gap >= 0
        if goal.goal is goals[0]:
            assert goal.value <= best.value <= goal.bound  # type: ignore[operator]


def test_a_part_without_an_answer_is_an_error(monkeypatch):
    def answers(answer: Any) -> None:
        monkeypatch.setattr(
            "sharematch.batch.joining.stream",
            lambda _work, jobs, *_, **__: (answer(job) for job in jobs),
        )

    answers(lambda job: Lost(job, OSError("out of memory")))
    with pytest.raises(SolverError, match="part 1: its worker was lost 3 times: out"):
        solve_parts(town(), SUMS, size=1)
    answers(lambda job: Failure(job.name, "MemoryError", "no room"))
    with pytest.raises(SolverError, match="part 1: no room"):
        solve_parts(town(), SUMS, size=1)
