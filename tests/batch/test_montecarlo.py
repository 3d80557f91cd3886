"""What varies, what comes out of it, and that a run can be replayed."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import sharematch as sm
from sharematch import generate
from sharematch.batch import (
    Draw,
    Failure,
    Run,
    Sensitivity,
    Sweep,
    WorkerPool,
    instance_seed,
    sensitivity,
)
from sharematch.batch.stream import Lost
from sharematch.batch.variation import variants
from sharematch.core.columns.encoding import encode
from sharematch.errors import InputError

FAIR = sm.Policy.fair()


@pytest.fixture(scope="module")
def town() -> sm.Instance:
    return generate.make("community", 1)


def only(vary: list[Any], town: sm.Instance, policy: sm.Policy = FAIR, seed: int = 1):
    ((_, columns, own),) = variants(encode(town), policy, vary, seed)
    return columns, own


def test_every_run_is_a_solve_of_its_own(town):
    vary = [Draw("demand", 0.5, 1.5), Draw("capacity", 0.8, 1, by="community")]
    found = sensitivity(town, FAIR, vary=vary, runs=4, seed=7)
    assert [run.number for run in found.runs] == [1, 2, 3, 4]
    assert found.failures == ()
    for run in found.runs:
        assert run.seed == instance_seed(7, str(run.number))
        ((_, columns, policy),) = variants(encode(town), FAIR, vary, run.seed)
        result = sm.solve(columns, policy, seed=run.seed)
        assert run.status == result.status == "optimal"
        assert run.totals["served"] == result.value("served") == run.served.sum()
        rows = {row["id"]: row for row in result.by("community")}
        for name in ("fill_rate", "travel", "lent", "demand"):
            assert run.by_community[name] == {
                key: rows[key][name] for key in run.by_community[name]
            }


def test_runs_do_not_depend_on_the_executor(town, pool: WorkerPool):
    def told(found: Sensitivity) -> tuple[object, ...]:
        return found.by_community(), found.totals(), found.needs, found.statuses

    vary: list[Any] = [Draw("demand", 0.5, 1.5), Sweep("capacity", [0.5, 1])]
    here = sensitivity(town, vary=vary, runs=3, seed=2)
    there = sensitivity(town, vary=vary, runs=3, seed=2, executor=pool)
    assert told(here) == told(there)
    other = sensitivity(town, vary=vary, runs=3, seed=3)
    assert told(here) != told(other)


def test_quantiles_are_values_that_were_seen(town):
    found = sensitivity(town, vary=[Draw("demand", 0.5, 1.5)], runs=5)
    table = found.by_community("fill_rate", quantiles=[0, 0.2, 0.5, 0.61, 1])
    assert table.columns == ("id", "measure", "q0", "q20", "q50", "q61", "q100")
    for row in table:
        seen = sorted(
            run.by_community["fill_rate"][str(row["id"])] for run in found.runs
        )
        assert [*row.values()][2:] == [seen[i] for i in (0, 0, 2, 3, 4)]
    measures = {row["measure"] for row in found.by_community()}
    assert {"served", "cost", "travel", "utilization", "lent"} <= measures
    totals = {row["measure"]: row for row in found.totals([0.5])}
    served = sorted(run.totals["served"] for run in found.runs)
    assert totals["served"] == {"measure": "served", "q50": served[2]}
    assert isinstance(totals["fees"]["q50"], Decimal)


def test_it_is_told_how_often_each_need_is_served(town):
    found = sensitivity(town, vary=[Draw("demand", 0, 1)], runs=6)
    for i, row in enumerate(found.needs):
        demand = [int(run.demand[i]) for run in found.runs]
        served = [int(run.served[i]) for run in found.runs]
        asked = sum(d > 0 for d in demand)
        assert row["runs"] == asked
        full = sum(s == d > 0 for d, s in zip(demand, served, strict=True))
        some = sum(s > 0 for s in served)
        assert row["full"] == (Fraction(full, asked) if asked else None)
        assert row["some"] == (Fraction(some, asked) if asked else None)
        assert row["community"] == next(
            need.community for need in town.needs if need.id == row["id"]
        )


def test_ties_are_drawn_anew_in_every_run():
    one = sm.Instance(
        communities=[sm.Community(id="tianfeng")],
        facilities=[sm.Facility(id="hall", community="tianfeng")],
        slots=[sm.Slot(id="mon", facility="hall", kinds=["tea"], capacity=1)],
        needs=[sm.Need(id=n, community="tianfeng", kind="tea") for n in ("a", "b")],
    )
    found = sensitivity(one, vary=[], runs=40)
    shares: list[Any] = [row["full"] for row in found.needs]
    assert sum(shares) == 1
    assert min(shares) > Fraction(1, 5)


def test_steps_differ_by_what_is_stepped_through_alone(town):
    vary: list[Any] = [Draw("demand", 0.5, 1.5), Sweep("capacity", [0.5, 1, 2])]
    found = sensitivity(town, vary=vary, runs=2)
    assert found.sweeps == ("capacity",)
    assert [(run.number, run.step) for run in found.runs] == [
        (n, (factor,)) for n in (1, 2) for factor in (0.5, 1, 2)
    ]
    for first in (0, 3):
        demands = [run.demand.tolist() for run in found.runs[first : first + 3]]
        assert demands[0] == demands[1] == demands[2]
        served = [run.totals["served"] for run in found.runs[first : first + 3]]
        assert served == sorted(served)
    assert len(found.at(0.5).runs) == 2
    with pytest.raises(InputError, match="no run has the factors"):
        found.at(3)


def test_demand_and_capacity_are_rounded_and_keep_their_limits(town):
    slots = [s.model_copy(update={"reserve": s.capacity}) for s in town.slots]
    needs = [n.model_copy(update={"min_quantity": n.quantity}) for n in town.needs]
    full = town.replace(slots=slots, needs=needs)
    before = encode(full)
    columns, _ = only([Draw("demand", 0.5, 1), Draw("capacity", 0.5, 1)], full)
    assert (columns.need_min_quantity <= columns.need_quantity).all()
    assert (columns.slot_reserve <= columns.slot_capacity).all()
    assert (columns.need_quantity * 2 >= before.need_quantity).all()
    assert (columns.need_quantity < before.need_quantity).any()
    half, _ = only([Sweep("demand", [0.5])], full)
    assert (half.need_quantity == (before.need_quantity + 1) // 2).all()


def test_one_factor_for_each_need_each_community_or_all(town):
    big = [n.model_copy(update={"quantity": 10**6}) for n in town.needs]
    even = town.replace(needs=big)
    community = encode(even).need_community
    for by, count in (("each", len(big)), ("all", 1)):
        columns, _ = only([Draw("demand", 0.5, 1.5, by=by)], even)  # type: ignore[arg-type]
        assert len(np.unique(columns.need_quantity)) >= 0.9 * count
    columns, _ = only([Draw("demand", 0.5, 1.5, by="community")], even)
    pairs = {*zip(community.tolist(), columns.need_quantity.tolist(), strict=True)}
    assert len(pairs) == len({*community.tolist()})


def test_travel_grows_on_links_and_between_locations(town):
    columns, _ = only([Sweep("travel", [2])], town)
    longer, plain = sm.solve(columns, FAIR), sm.solve(town, FAIR)
    assert columns.detour == 2 * encode(town).detour
    assert longer.value("served") <= plain.value("served")
    a, b = (sm.Community(id=x) for x in "ab")
    linked = sm.Instance(
        communities=[a, b], links=[sm.Link(source="a", target="b", travel="0.333")]
    )
    columns, _ = only([Sweep("travel", [1.5])], linked)
    assert columns.link_travel.tolist() == [500]


def test_bounds_of_rules_vary(town):
    rules: Any = [
        sm.AtMost("tier", "own", by="assignment"),
        sm.AtMost("fees", 10, by="need"),
        sm.Within("fill_rate", "1/2", by="community"),
    ]
    policy = sm.Policy(rules=rules)
    own: Any
    _, own = only([Sweep("rule 2", [0.25]), Sweep("rule 3", [0.1])], town, policy)
    assert own.rules[1].bound == Fraction(5, 2)
    assert own.rules[2].width == Fraction(1, 20)
    for number, message in ((1, "its bound is own"), (4, "the policy has 3")):
        with pytest.raises(InputError, match=message):
            sensitivity(town, policy, vary=[Sweep(f"rule {number}", [1])])


def test_runs_without_a_plan_are_counted_and_left_out(town):
    policy = sm.Policy(rules=[sm.AtLeast("served", 100)])
    vary = [Sweep("capacity", [0, 1])]
    found = sensitivity(town, policy, vary=vary, runs=1)
    assert found.statuses == {"infeasible": 1, "optimal": 1}
    assert {row["runs"] for row in found.needs} == {1}
    nothing = found.at(0)
    assert len(nothing.by_community()) == len(nothing.totals()) == 0
    assert {row["full"] for row in nothing.needs} == {None}


def test_errors_of_runs_are_failures(town, monkeypatch):
    wrong = sm.Policy(goals=[sm.Maximize("served", where={"community": "nowhere"})])
    found = sensitivity(town, wrong, vary=[], runs=2)
    assert [failure.name for failure in found.failures] == ["run 1", "run 2"]
    assert found.runs == ()
    monkeypatch.setattr(
        "sharematch.batch.montecarlo.stream",
        lambda _work, tasks, *_, **__: (Lost(t, OSError("gone")) for t in tasks),
    )
    found = sensitivity(town, vary=[], runs=1)
    assert found.failures[0] == Failure(
        "run 1", "WorkerLost", "its worker was lost 3 times: gone"
    )


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Draw("fees", 0, 1), "fees cannot vary\nMaybe demand"),
        (lambda: Draw("demand", 2, 1), "demand: low 2 is above high 1"),
        (lambda: Draw("demand", -1, 1), "demand: factor -1 must be from 0"),
        (lambda: Draw("demand", 0, 1, by="need"), "demand: by need is not"),  # type: ignore[arg-type]
        (lambda: Sweep("capacity", []), "capacity: no factors"),
        (lambda: Sweep("rule x", [1]), "rule x cannot vary"),
        (lambda: sensitivity(sm.Instance(), vary=[], runs=0), "runs 0"),
    ],
)
def test_wrong_options_are_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()


def test_unknown_measures_and_quantiles_are_refused(town):
    found = sensitivity(town, vary=[], runs=1)
    assert isinstance(found.runs[0], Run)
    with pytest.raises(InputError, match="moved is not a measure"):
        found.by_community("moved")
    with pytest.raises(InputError, match="quantile 2: must be from 0 to 1"):
        found.totals([2])
    with pytest.raises(InputError, match="needs a plan"):
        sm.Result.from_dict(sm.solve(town).to_dict()).each("served", "community")
