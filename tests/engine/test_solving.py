"""What solve refuses, bears and tells."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

import sharematch as sm
from sharematch.claims import check_claims
from sharematch.core.columns.encoding import encode
from sharematch.engine import problem as problems
from sharematch.engine import solving
from sharematch.engine.problem import Problem
from sharematch.errors import InputError
from sharematch.progress import Progress, Stop
from sharematch.solvers import monitor as watching
from sharematch.solvers.monitor import Monitor


def town(**changes: Any) -> sm.Instance:
    """Return two communities, two slots of one facility and three needs."""
    fields: dict[str, Any] = {
        "communities": [{"id": "a"}, {"id": "b"}],
        "facilities": [{"id": "hall", "community": "a"}],
        "slots": [slot("mon"), slot("tue", day=6)],
        "needs": [need("x"), need("y"), need("z", community="b")],
    }
    return sm.Instance(**{**fields, **changes})


def slot(id_: str, day: int = 5, **fields: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "facility": "hall",
        "kinds": ["any"],
        "capacity": 2,
        "start": f"2026-01-{day:02}T10:00",
        "end": f"2026-01-{day:02}T11:00",
        **fields,
    }


def need(id_: str, **fields: Any) -> dict[str, Any]:
    return {"id": id_, "community": "a", "kind": "any", "quantity": 2, **fields}


COUPLED_NEEDS = {
    "whole": [need("x", whole=True)],
    "min_quantity": [need("x", min_quantity=2)],
    "sessions": [need("x", sessions=2)],
    "sessions, weekly": [need("x", sessions=2, every=10080)],
    "person": [need("x", person="p"), need("y", person="p")],
    "together": [need(n, together="t", quantity=1) for n in "xy"],
}


@pytest.mark.parametrize("field", COUPLED_NEEDS)
def test_coupled_needs_are_solved(field: str):
    result = sm.solve(town(needs=COUPLED_NEEDS[field]))
    assert (result.status, result.structure) == ("optimal", "coupled")
    assert not sm.verify(town(needs=COUPLED_NEEDS[field]), result.allocation)
    served = 0 if field == "sessions, weekly" else result.value("demand")
    assert result.value("served") == served


@pytest.mark.parametrize(
    ("slots", "served"),
    [
        ([slot("mon", capacity=9, min_units=7)], 0),
        ([slot("mon", capacity=9, min_units=6)], 6),
        ([slot("mon", either="e"), slot("tue", capacity=3, either="e")], 3),
    ],
)
def test_coupled_slots_are_solved(slots: list[dict[str, Any]], served: int):
    result = sm.solve(town(slots=slots))
    assert (result.status, result.structure) == ("optimal", "coupled")
    assert result.value("served") == served


def test_pairs_take_their_own_room():
    pairs = [sm.Pair(need="x", slot=s, units=2) for s in ("mon", "tue")]
    result = sm.solve(town(pairs=pairs), sm.Policy.efficient())
    assert result.structure == "coupled"
    assert (result.value("served"), result.value("used")) == (4, 4)


@pytest.mark.parametrize("where", ["slot", "facility"])
def test_opening_costs_couple_only_where_they_count(where: str):
    changes: dict[str, Any] = {"slots": [slot("mon", opening_cost=5)]}
    if where == "facility":
        changes = {
            "facilities": [sm.Facility(id="hall", community="a", opening_cost=5)]
        }
    instance = town(**changes)
    fair, efficient = sm.solve(instance), sm.solve(instance, sm.Policy.efficient())
    assert (fair.structure, efficient.structure) == ("network", "coupled")
    assert fair.value("cost") == efficient.value("cost") == Decimal("5.00")


@pytest.mark.parametrize(
    ("term", "value"),
    [
        (sm.Within("fill_rate", "1/2", by="community"), 6),
        (sm.AtMost("travel", 3000), 3),
        (sm.AtMost("weighted_served", 3), 3),
        (sm.AtMost("served", 1, by=("community", "week")), 4),
        (sm.AtMost("opened_slots", 1), 2),
        (sm.Maximize("served", slack="0.1"), 6),
        (sm.Minimize("opened_slots"), 0),
        (sm.Leximax("travel", by="community"), (0, 0)),
        (sm.Leximin("served", by=("community", "day")), (1, 1, 1, 3)),
    ],
)
def test_coupling_terms_are_solved(term: Any, value: Any):
    links = [
        sm.Link(source=c, target="hall", travel=t) for c, t in (("a", 1), ("b", 2))
    ]
    groups = [need("x", weight=2), need("y"), need("z", community="b")]
    slots = [slot("mon"), slot("noon", start="2026-01-05T12:00"), slot("tue", day=13)]
    slots[1]["end"] = "2026-01-05T13:00"
    instance = town(links=links, needs=groups, slots=slots)
    is_goal = term.op in ("maximize", "minimize", "leximin", "leximax")
    rules, goals = ([], [term]) if is_goal else ([term], [sm.Maximize("served")])
    result = sm.solve(instance, sm.Policy(rules=rules, goals=goals))
    assert (result.status, result.structure) == ("optimal", "coupled")
    assert result.goals[0].value == value


def test_slack_says_what_it_gave_up():
    links = [
        sm.Link(source=c, target="hall", travel=t) for c, t in (("a", 1), ("b", 2))
    ]
    policy = sm.Policy(
        goals=[sm.Maximize("served", slack="0.25"), sm.Minimize("travel")]
    )
    result = sm.solve(town(links=links), policy)
    assert result.status == "optimal"
    assert (result.goals[0].value, result.goals[0].bound) == (3, 4)
    assert result.goals[1].value == 3000


@pytest.mark.parametrize(
    "changes",
    [
        {"needs": []},
        {"slots": []},
        {"slots": [slot("mon", capacity=0)]},
        {"needs": [need("x", kind="other")]},
        {"needs": [need("x", quantity=0)]},
        {"needs": [need("x", choices=["hall"])], "slots": []},
        {"needs": [], "slots": [], "facilities": [], "communities": []},
    ],
)
@pytest.mark.parametrize(
    "policy",
    [
        sm.Policy.fair(),
        sm.Policy.efficient(),
        sm.Policy.first_come(),
        sm.Policy(rules=[sm.Within("served", by="community", width=1)]),
    ],
)
def test_empty_plans_are_honest(changes: dict[str, Any], policy: sm.Policy):
    result = sm.solve(town(**changes), policy)
    assert result.status in ("optimal", "feasible")
    assert len(result.allocation) == 0
    assert result.value("served") == 0
    assert result.value("unmet") == result.value("demand")


def test_costs_beyond_64_bits_are_refused():
    needs = [need(f"n{i}", quantity=10**12) for i in range(5)]
    slots = [slot("mon", capacity=10**12, unit_cost=10**9)]
    with pytest.raises(InputError, match="64-bit"):
        sm.solve(town(needs=needs, slots=slots), sm.Policy.efficient())


def test_huge_capacities_are_solved():
    slots = [slot("mon", capacity=10**9)]
    needs = [need("x", quantity=10**9), need("z", community="b", quantity=10**9)]
    result = sm.solve(town(needs=needs, slots=slots))
    assert result.goals[0].value == (Fraction(1, 2), Fraction(1, 2))


def test_unmet_needs_have_the_first_reason_that_holds():
    policy = sm.Policy(
        rules=[sm.AtMost("served", 1, by="community", where={"community": "b"})],
        goals=[sm.Maximize("served", where={"community": "a"}), sm.Minimize("fees")],
    )
    slots = [slot("mon", fee=3), slot("tue", day=6, capacity=1, fee=0)]
    needs = [
        need("alone", kind="other"),
        need("late", windows=[("2026-02-01T00:00", "2026-02-02T00:00")]),
        need("x", quantity=1, choices=["mon"]),
        need("y", quantity=2, choices=["tue"]),
        need("z", community="b", quantity=1, choices=["mon"]),
    ]
    result = sm.solve(town(slots=slots, needs=needs), policy)
    reasons = {u.need: (u.quantity, u.reason, u.code) for u in result.unmet}
    assert reasons == {
        "alone": (2, "no_arc", "kind"),
        "late": (2, "no_arc", "time"),
        "y": (1, "full", ""),
        "z": (1, "goal", ""),
    }
    capped = sm.Policy(
        rules=[sm.AtMost("served", 1, by="community", where={"community": "a"})],
        goals=[sm.Maximize("served")],
    )
    result = sm.solve(town(needs=[need("x")]), capped)
    assert [(u.need, u.reason) for u in result.unmet] == [("x", "rule")]


def test_conflict_names_rules_and_decisions():
    instance = town(
        decisions=[sm.Decision(need="x", slot="mon", status="pinned")],
        slots=[slot("mon", groups=["elderly"]), slot("tue", day=6)],
    )
    result = sm.solve(instance)
    assert result.status == "infeasible"
    assert result.conflict is not None
    assert [(t.need, t.slot, t.code) for t in result.conflict] == [
        ("x", "mon", "group")
    ]
    policy = sm.Policy(
        rules=[sm.AtMost("served", 2), sm.AtMost("served", 9), sm.AtLeast("served", 3)]
    )
    result = sm.solve(town(), policy)
    assert result.conflict is not None
    assert [term.rule for term in result.conflict] == [1, 3]
    assert len(result.allocation) == 0


@pytest.mark.parametrize("kind", ["limit", "stop"])
def test_stopping_keeps_the_best_plan(kind: str):
    def stop(event: Progress) -> None:
        if kind == "stop" and event.goal == 2:
            raise Stop

    limit = 1e-9 if kind == "limit" else None
    result = sm.solve(town(), time_limit=limit, on_progress=stop)
    assert result.status == "feasible"
    assert not sm.verify(town(), result.allocation, result.policy)
    assert len(result.goals) == 3
    assert all(goal.gap >= 0 for goal in result.goals)
    if kind == "stop":
        assert result.goals[0].gap == 0


def stop_before_rows(event: Progress) -> None:
    if event.phase == "lower":
        raise Stop


@pytest.mark.parametrize("is_decided", [False, True])
def test_a_stop_before_there_are_rows_leaves_first_come(is_decided: bool):
    pin = {"need": "y", "slot": "mon", "status": "accepted", "quantity": 1}
    needs = [need("x", whole=True, quantity=1), need("y"), need("z", sessions=2)]
    instance = town(needs=needs, decisions=[pin] if is_decided else [])
    first_come = sm.solve(instance, sm.Policy.first_come())
    result = sm.solve(instance, on_progress=stop_before_rows)
    assert (result.status, result.structure) == ("feasible", "coupled")
    assert result.allocation == first_come.allocation
    assert any(goal.gap > 0 for goal in result.goals)
    assert check_claims(instance, result) == ()


def test_a_wish_to_stop_is_seen_while_pairs_are_made(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(watching, "TELL_EVERY", 0.0)
    phases: list[str] = []

    def tell(event: Progress) -> None:
        phases.append(event.phase)
        if phases.count("arcs") > 1:  # the first is told before pairs are begun
            raise Stop

    instance = town(needs=[need("x", whole=True, quantity=1), need("y")])
    result = sm.solve(instance, on_progress=tell)
    assert phases.count("arcs") > 1
    first_come = sm.solve(instance, sm.Policy.first_come())
    assert result.allocation == first_come.allocation


def test_a_stop_where_rows_take_too_long_leaves_what_is_decided(
    monkeypatch: pytest.MonkeyPatch,
):
    def too_long(*_: Any) -> None:
        raise Stop

    monkeypatch.setattr(solving, "first_plan", too_long)
    pin = {"need": "y", "slot": "mon", "status": "accepted", "quantity": 1}
    needs = [need("x", whole=True, quantity=1), need("y"), need("z", sessions=2)]
    instance = town(needs=needs, decisions=[pin])
    result = sm.solve(instance, on_progress=stop_before_rows)
    assert (result.status, result.value("served")) == ("feasible", 1)
    assert {unmet.reason for unmet in result.unmet} == {"search"}
    assert check_claims(instance, result) == ()
    rules = [sm.AtLeast("served", 2)]
    result = sm.solve(instance, sm.Policy(rules=rules), on_progress=stop_before_rows)
    assert (result.status, result.conflict) == ("unsolved", None)


def test_the_making_of_many_rows_looks_at_the_clock(monkeypatch: pytest.MonkeyPatch):
    instance = town(needs=COUPLED_NEEDS["whole"])
    monitor = Monitor.of(1e-9)
    problem = Problem.of(encode(instance), sm.Policy.fair(), monitor=monitor)
    assert len(problem.rows.column)
    monkeypatch.setattr(problems, "MANY", 0)
    problem = Problem.of(encode(instance), sm.Policy.fair(), monitor=monitor)
    with pytest.raises(Stop):
        _ = problem.rows


def test_other_errors_in_on_progress_pass_through():
    def fail(_: Progress) -> None:
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        sm.solve(town(), on_progress=fail)


def test_progress_tells_phases_and_goals():
    events: list[Progress] = []
    sm.solve(town(), on_progress=events.append)
    assert [e.phase for e in events] == [
        "arcs",
        "lower",
        *["goal"] * 3,
        "verify",
        "done",
    ]
    assert [(e.goal, e.num_goals) for e in events if e.phase == "goal"] == [
        (1, 3),
        (2, 3),
        (3, 3),
    ]


def test_progress_calls_communities_by_their_names():
    events: list[Progress] = []
    instance = town()
    named = instance.model_copy(
        update={
            "communities": [
                home.model_copy(update={"name": f"Street {home.id}"})
                for home in instance.communities
            ]
        }
    )
    goal = sm.Maximize("served", where={"community": "a"})
    sm.solve(named, sm.Policy(goals=[goal]), on_progress=events.append)
    told_goals = [event.text for event in events if event.phase == "goal"]
    assert told_goals
    assert all("Street a" in text for text in told_goals)


def test_first_come_serves_in_the_order_of_dates():
    needs = [
        need("x", since=date(2026, 1, 3)),
        need("y", since=date(2026, 1, 1)),
        need("z", community="b", since=date(2026, 1, 2)),
    ]
    result = sm.solve(town(needs=needs), sm.Policy.first_come())
    assert result.status == "feasible"
    served = {row["id"]: row["served"] for row in result.by("need")}
    assert served == {"x": 0, "y": 2, "z": 2}


def test_dates_that_last_into_the_next_are_not_both_held():
    """An hour each, half an hour apart, and one of two is enough."""
    later = slot("next", start="2026-01-05T10:30", end="2026-01-05T11:30")
    course = need("course", sessions=2, every=30, min_sessions=1)
    asked = town(needs=[course], slots=[slot("mon"), later])
    result = sm.solve(asked, sm.Policy(goals=[sm.Maximize("served")]))
    assert (result.status, result.value("served")) == ("optimal", 2)


def test_first_come_tells_what_cannot_hold_where_nothing_can_be_taken():
    """Sessions an hour apart, one accepted, and no slot an hour later."""
    course = need("course", sessions=2, every=60)
    accepted = {"need": "course", "slot": "mon", "status": "accepted"}
    asked = town(needs=[course], slots=[slot("mon")], decisions=[accepted])
    assert sm.solve(asked, sm.Policy.first_come()).status == "infeasible"


def test_first_come_keeps_no_floor_of_what_no_slot_serves():
    asked = town(needs=[need("x"), need("y", kind="another")])
    policy = sm.Policy(rules=[sm.AtLeast("served", 1, by="kind")], method="first_come")
    assert sm.solve(asked, policy).status == "infeasible"


@pytest.mark.parametrize("first", ["a", "z"])
def test_who_sits_together_has_the_longest_rest_of_all(first: str):
    """Two of three half hours: with a quarter of an hour between them one is left."""
    lesson = {"minutes": 30, "times": 2, "per_day": 2, "quantity": 1, "together": "t"}
    needs = [need(first, **lesson), need("m", rest=15, **lesson)]
    evening = slot("mon", step=30, end="2026-01-05T11:30")
    result = sm.solve(
        town(needs=needs, slots=[evening]), sm.Policy(goals=[sm.Maximize("served")])
    )
    assert (result.status, result.value("served")) == ("optimal", 4)
    shorter = town(needs=needs, slots=[slot("mon", step=30)])
    result = sm.solve(shorter, sm.Policy(goals=[sm.Maximize("served")]))
    assert (result.status, result.value("served")) == ("optimal", 2)


def test_moved_counts_against_a_baseline():
    needs = [need("x", quantity=1), need("y", quantity=1)]
    before = sm.solve(town(needs=needs))
    policy = sm.Policy(goals=[sm.Maximize("served"), sm.Minimize("moved")])
    with pytest.raises(InputError, match="baseline"):
        sm.solve(town(needs=needs), policy)
    after = sm.solve(town(needs=needs), policy, baseline=before, seed=7)
    assert list(after.allocation) == list(before.allocation)
    assert after.value("moved") == 0
    closed = town(needs=needs, slots=[slot("tue", day=6)])
    after = sm.solve(closed, policy, baseline=before)
    on_monday = sum(a.quantity for a in before.allocation if a.slot == "mon")
    assert after.value("moved") == on_monday
    assert after.value("served") == 2


def test_a_share_of_moves_is_one_of_the_units_before():
    needs = [need("x", quantity=2), need("y", quantity=3)]
    before = sm.Allocation([("tue", "x", 2), ("tue", "y", 3)])
    slots = [slot("mon", capacity=5), slot("tue", day=6, capacity=5)]
    for share, moved in (("1/5", 1), ("0.5", 2), ("0.1", 0), (1, 1)):
        rules = [sm.AtMost("moved", share)]
        goals = [sm.Maximize("served", where={"slot": "mon"})]
        policy = sm.Policy(rules=rules, goals=goals)
        result = sm.solve(town(needs=needs, slots=slots), policy, baseline=before)
        assert (result.value("moved"), result.goals[0].value) == (moved, moved)
        assert result.policy.rules == (sm.AtMost("moved", moved),)


def test_what_was_in_an_opening_that_holds_no_booking_has_moved():
    team = need("x", quantity=1, minutes=30)
    booked = {"slot": "mon", "need": "x", "quantity": 1, "start": "2026-01-05T10:00"}
    shortened = slot("mon", step=30, end="2026-01-05T10:10")
    policy = sm.Policy(
        rules=[sm.AtMost("moved", 2, by="day")],
        goals=[sm.Maximize("served"), sm.Minimize("moved")],
    )
    before = sm.Allocation([booked])
    result = sm.solve(town(needs=[team], slots=[shortened]), policy, baseline=before)
    assert (result.status, result.value("moved")) == ("optimal", 1)


def test_equal_needs_do_not_widen_what_is_kept_of_a_baseline():
    # e and f are solved as one; one place is kept for a, the other three are free.
    needs = [need("a", quantity=3), need("b", community="b", quantity=3)]
    needs += [need("e", quantity=1), need("f", quantity=1)]
    policy = sm.Policy(
        goals=[sm.Minimize("moved"), sm.Maximize("served", where={"community": "b"})]
    )
    instance = town(needs=needs, slots=[slot("mon", capacity=4)])
    before = sm.Allocation([("mon", "a", 1)])
    result = sm.solve(instance, policy, baseline=before)
    assert [goal.value for goal in result.goals] == [0, 3]


def test_equal_needs_with_places_to_keep_are_told_apart():
    needs = [need("x"), need("y"), need("z")]
    policy = sm.Policy(
        rules=[sm.AtMost("served", 1, by="need")],
        goals=[sm.Maximize("served"), sm.Minimize("moved")],
    )
    instance = town(needs=needs, slots=[slot("mon", capacity=4), slot("tue", day=6)])
    before = sm.Allocation([("mon", n, 1) for n in "xyz"])
    result = sm.solve(instance, policy, baseline=before)
    assert result.allocation == before
    assert [goal.value for goal in result.goals] == [3, 0]


def test_unknown_distances_are_told():
    communities = [sm.Community(id="a", location=(121.5, 29.8)), sm.Community(id="b")]
    result = sm.solve(town(communities=communities))
    assert "2 of 6" in result.warnings[0]


@pytest.mark.parametrize("limit", [0, -1, float("nan")])
def test_time_limit_must_be_positive(limit: float):
    with pytest.raises(InputError, match="time_limit"):
        sm.solve(town(), time_limit=limit)


@pytest.mark.parametrize("kind", ["network", "coupled"])
@pytest.mark.parametrize(
    ("term", "message"),
    [
        (
            sm.AtMost("served", 1, where={"community": "nowhere"}),
            'rule "2": where.community nowhere: names no community of this instance',
        ),
        (
            sm.Maximize("served", where={"slot": "sun"}),
            'goal "2": where.slot sun: names no slot of this instance',
        ),
        (
            sm.AtMost("tier", "province", by="assignment"),
            "policy: bound province: is no tier of this instance\nMaybe one of own",
        ),
        (
            sm.Leximin("served", by="community", weights={"nowhere": 2}),
            "leximin: weights nowhere: names no community of this instance",
        ),
        (
            sm.Leximin("served", by=("community", "kind"), weights={("x", "h"): 2}),
            "leximin: weights ('x', 'h'): names no community and kind of this instance",
        ),
        (
            sm.Minimize("moved"),
            "goal 2 (minimize moved): moved needs a baseline, an earlier result",
        ),
        (
            sm.AtMost("moved", 1),
            "rule 2 (at_most moved): moved needs a baseline, an earlier result",
        ),
    ],
)
def test_policies_must_name_what_is_there(term: Any, message: str, kind: str):
    instance = town() if kind == "network" else town(needs=COUPLED_NEEDS["whole"])
    rules: list[Any] = [sm.AtMost("served", 9)]
    goals: list[Any] = [sm.Minimize("travel")]
    (rules if term.op == "at_most" else goals).append(term)
    with pytest.raises(InputError) as caught:
        sm.solve(instance, sm.Policy(rules=rules, goals=goals))
    assert str(caught.value) == message


def test_a_limit_that_was_hit_is_told():
    result = sm.solve(town(needs=COUPLED_NEEDS["whole"]), time_limit=1e-9)
    assert result.status == "feasible"
    assert any("time limit" in warning for warning in result.warnings)
    result = sm.solve(town(needs=COUPLED_NEEDS["whole"]), time_limit=60)
    assert (result.status, result.warnings) == ("optimal", ())


def test_a_coupled_policy_without_goals():
    whole = sm.Need(id="n", community="a", kind="h", whole=True)
    instance = sm.Instance(communities=[sm.Community(id="a")], needs=[whole])
    assert sm.solve(instance, sm.Policy()).status == "optimal"
    rules = [sm.Within("fill_rate", 1, by="community")]
    assert sm.solve(instance, sm.Policy(rules=rules)).goals == ()


@pytest.mark.parametrize("by", [None, "need"])
def test_a_rule_on_demand_holds_whatever_the_plan_or_never(by: str | None):
    instance = town(needs=[need("x", quantity=2), need("y", quantity=3)])
    most = 5 if by is None else 3
    for bound, status in ((most, "optimal"), (most - 1, "infeasible")):
        policy = sm.Policy(rules=[sm.AtMost("demand", bound, by=by)])
        assert sm.solve(instance, policy).status == status


@pytest.mark.parametrize("other", ["b", "z"])
def test_overlapping_groups_of_a_goal_are_compared_on_one_side(other):
    """One group by needs, the other all of a slot: no exchange of units joins them."""
    town = sm.Instance(
        communities=[sm.Community(id="c")],
        facilities=[sm.Facility(id=x, community="c") for x in "fg"],
        slots=[
            sm.Slot(id="s1", facility="f", kinds=["a"], capacity=1),
            sm.Slot(id="s2", facility="g", kinds=["b"], capacity=1),
        ],
        needs=[
            sm.Need(id="n1", community="c", kind="a", groups=["elderly"]),
            sm.Need(id="n2", community="c", kind="b", groups=["youth"]),
            sm.Need(id="n3", community="c", kind=other, groups=["elderly", "youth"]),
        ],
    )
    goal = sm.Leximin("fill_rate", by="group")
    (value,) = (found.value for found in sm.solve(town, sm.Policy(goals=[goal])).goals)
    # n1 and n3 where both have a place: of elderly 2 of 2, of youth 1 of 2.
    assert value == (
        (Fraction(1, 2), Fraction(1)) if other == "b" else (Fraction(1, 2),) * 2
    )
