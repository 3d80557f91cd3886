"""An adversary looks for prices that prove a plan which is not best: there are none.

Instances and policies are random, over all fields, measures and goals; plans are
enumerated by brute force. For a plan that is not best the adversary solves, goal by
goal, for the integer prices and levels that break least of what the check of a proof
looks at, and submits them in a result's document.
"""

import json
import os
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

import sharematch as sm
from sharematch.core.columns.encoding import encode
from sharematch.core.measures.admission import admitted_arcs
from sharematch.core.measures.bounds import are_nested, bind_no_two, name_of
from sharematch.core.measures.ceilings import Surplus
from sharematch.core.measures.measures import Measures
from sharematch.errors import InputError
from sharematch.model.canonical import policy_hash
from sharematch.model.measures import MEASURES
from sharematch.model.vocabulary import GROUPS
from sharematch.plans.certificates.leximin import Slopes, Standing
from sharematch.plans.certificates.proof import Proof
from sharematch.plans.checking import proof_of
from sharematch.plans.results.gaps import assure, best_conceivable
from sharematch.plans.results.plan import plan_of, units_on
from sharematch.plans.results.result import Result
from sharematch.plans.results.status import GoalValue, Status
from sharematch.plans.verification import baseline_of
from tests import oracles
from tests.tiny import tiny_case
from tests.tiny.upto import with_ceilings
from tests.tiny_coupled import tiny_coupled_case

Ints = NDArray[np.int64]
Claim = dict[str, Any]
PLANS = {"ci": 1_000, "deep": 10_000}.get(os.environ.get("HYPOTHESIS_PROFILE", ""), 200)
"""How many plans that are not best have to be tried."""

PARTS = 4
SOLVED, READ = 10, 10
"""Of so many problems one is solved, of so many results one is read from a document."""

TOWNS = {"deep": 10**6}.get(os.environ.get("HYPOTHESIS_PROFILE", ""), 400)
MOST_PLANS = 250
LARGEST = 10**7


# ---- problems


@dataclass
class Problem:
    """A tiny instance with a policy, and all its plans with what each is worth."""

    instance: sm.Instance
    policy: sm.Policy
    baseline: sm.Allocation | None
    plans: list[tuple[list[Any], dict[tuple[str, str], int]]]

    @property
    def best(self) -> list[Any]:
        """What a best plan is worth, goal by goal."""
        worth = [worth for worth, _ in self.plans]
        for position, goal in enumerate(self.policy.goals):
            upward = goal.op in ("maximize", "leximin")
            ends = [w[position] for w in worth]
            best = max(ends) if upward else min(ends)
            worth = [w for w in worth if w[position] == best]
        return worth[0]

    def worse(self, rng: random.Random) -> list[Any]:
        """Return some plans that are not best: those of the best goals, and others."""
        best = self.best
        worse = [(w, plan) for w, plan in self.plans if w != best]
        rng.shuffle(worse)
        agreed = [
            next(
                i
                for i, pair in enumerate(zip(w, best, strict=True))
                if len({*pair}) > 1
            )
            for w, _ in worse
        ]
        order = sorted(range(len(worse)), key=lambda i: -agreed[i])
        return [worse[i] for i in {*order[:8], *range(min(8, len(worse)))}]

    @cached_property
    def measures(self) -> Measures:
        """Measures over the arcs that the rules admit."""
        columns = encode(self.instance)
        arcs = admitted_arcs(columns, self.policy.rules)
        return Measures(columns, arcs, baseline_of(columns, arcs, self.baseline))


def problem(seed: int) -> Problem | None:
    """Return a problem, some with their own policy; None with too many plans or one."""
    rng = random.Random(f"adversaries {seed}")
    earlier: Any = None
    if rng.random() < 0.6:
        fields, terms = tiny_case(rng.randrange(TOWNS))
    else:
        fields, terms, earlier = tiny_coupled_case(rng.randrange(TOWNS))
    if rng.random() < 0.3:
        terms = with_ceilings(seed, fields, terms)
    if rng.random() < 0.4:
        prices(rng, fields)
    instance = sm.Instance(**fields)
    policy = sm.Policy(**terms) if rng.random() < 0.5 else any_policy(rng)
    pairs = [(n.id, s.id) for n in instance.needs for s in instance.slots]
    if earlier is None:
        kept = rng.sample(pairs, min(len(pairs), rng.randint(1, 3)))
        earlier = [{"need": n, "slot": s, "quantity": 1} for n, s in kept]
    baseline = {(row["need"], row["slot"]): row["quantity"] for row in earlier}
    case = oracles.Case(instance, policy.rules, baseline)
    plans = []
    for plan in case.plans():
        plans.append(([case.goal_value(goal, plan) for goal in policy.goals], plan))
        if len(plans) > MOST_PLANS:
            return None
    if len(plans) < 2:
        return None
    return Problem(instance, policy, sm.Allocation(earlier), plans)


def prices(rng: random.Random, fields: Mapping[str, Any]) -> None:
    """Let some slots and facilities cost something, by unit or to open."""
    for row in (*fields["slots"], *fields["facilities"]):
        names = ["opening_cost"]
        names += ["fee", "staff_fee", "unit_cost"] if "kinds" in row else []
        for name in names:
            if rng.random() < 0.3:
                row[name] = rng.choice((0, 1, 2, "0.50"))


def any_policy(rng: random.Random) -> sm.Policy:
    """Return one to three goals, of any measure, and at most two rules."""
    rules = [drawn(any_rule, rng) for _ in range(rng.choice((0, 0, 1, 1, 2)))]
    goals = [drawn(any_goal, rng) for _ in range(rng.choice((1, 2, 2, 3)))]
    return sm.Policy(rules=rules, goals=goals)


def drawn(draw: Callable[[random.Random], Any], rng: random.Random) -> Any:
    """Draw until a term is one: measures do not go with all groups."""
    while True:
        try:
            return draw(rng)
        except InputError:
            continue


def any_by(rng: random.Random) -> Any:
    if rng.random() < 0.8:
        return rng.choice(GROUPS)
    return tuple(rng.sample(GROUPS, 2))


def any_goal(rng: random.Random) -> Any:
    measure = rng.choice([*MEASURES])
    where = rng.choice(({}, {}, {}, {"community": "c0"}, {"slot": "s0"}))
    if rng.random() < 0.25:
        by = rng.choice((None, any_by(rng)))
        upto = rng.choice((None, 0, 1, 1, 2, "1/2"))
        measure = rng.choice((measure, "served", "served", "fill_rate", "used"))
        return sm.Maximize(measure, by=by, upto=upto, where=where)
    if rng.random() < 0.6:
        slack = rng.choice((None,) * 12 + (Fraction(1, 3),))
        total = rng.choice((sm.Maximize, sm.Minimize))
        return total(measure, where=where, slack=slack)
    compare = rng.choice((sm.Leximin, sm.Leximax))
    return compare(measure, by=any_by(rng), where=where)


def any_rule(rng: random.Random) -> Any:
    measure = rng.choice([*MEASURES])
    by = rng.choice((None, any_by(rng)))
    if rng.random() < 0.1:
        return sm.Within(measure, rng.choice((0, 1, 2)), by=by or "need")
    op = sm.AtMost if rng.random() < 0.85 else sm.AtLeast
    return op(measure, rng.choice((0, 1, 1, 2, 3)), by=by)


# ---- the adversary


class Unknown(NamedTuple):
    """Numbers by set that the adversary may choose: where they count, and how far."""

    name: str
    keys: Any
    labels: tuple[Ints, ...]
    low: Ints
    high: Ints

    def incidence(self, num_arcs: int) -> NDArray[np.float64]:
        """Return by arc and set how often a number counts."""
        counts = np.zeros((num_arcs, len(self.low)))
        for label in self.labels:
            held = np.flatnonzero(label >= 0)
            counts[held, label[held]] += 1
        return counts

    def written(self, values: Ints) -> dict[str, int]:
        """Return the numbers as a certificate has them."""
        return dict(zip(map(name_of, self.keys), values.tolist(), strict=True))


class Adversary:
    """Looks for a certificate of the plan of a proof, whose bounds are placed."""

    def __init__(self, proof: Proof, sides: Mapping[str, str]) -> None:
        self.proof, self.sides = proof, sides
        self.free = [*proof.bounds]
        self.nothing = np.zeros(len(proof.units), np.int64)

    def claims(self) -> list[Claim]:
        """Return the claims of all goals, empty ones after the first that fails."""
        found: list[Claim] = []
        for position, goal in enumerate(self.proof.goals):
            standing = self.proof.standing.get(position)
            surplus = self.proof.surplus.get(position)
            if surplus is not None:
                slopes = Slopes(surplus.last, surplus.following)
                costs = self.proof.costs(goal)
                claim = self.solve(*costs, self.free, surplus, slopes)
            elif standing is None:
                claim = self.solve(*self.proof.costs(goal), self.free)
            else:
                claim = self.by_rank(standing)
            stages: list[Claim] = []
            # What the proof finds wrong is written into no claim: it is submitted.
            stepped = claim or {"stages": self.stages(standing, stages)}
            problems = [*self.proof.step(position, stepped)]
            found.append(claim or {"stages": stages})
            if problems:
                break
        missing = len(self.proof.goals) - len(found)
        return found + [{"prices": {}, "levels": {}, "blocks": []}] * missing

    def by_rank(self, standing: Standing) -> Claim | None:
        """Return prices and levels for a goal as a whole, None where there are none."""
        own = standing.families
        if len(own) != 1:
            return None
        free = [
            name
            for name in self.free
            if self.sides[name] != self.sides[own[0].name]
            or bind_no_two(own[0].label, self.proof.bounds[name].label)
        ]
        costs = self.nothing, self.nothing
        return self.solve(*costs, free, standing, standing.ranks(), is_strict=True)

    def stages(self, standing: Any, found: list[Claim]) -> Iterator[Claim]:
        """Yield a claim for each ratio that the check comes to."""
        costs = self.nothing, self.nothing
        while True:
            claim = self.solve(*costs, self.free, standing, standing.slopes())
            assert claim is not None
            found.append({"ratio": str(standing.ratio), **claim})
            yield found[-1]

    def unknowns(
        self,
        free: list[str],
        standing: Standing | Surplus | None,
        slopes: Slopes | None,
    ) -> Iterator[Unknown]:
        """Yield prices of bounds, prices of needs, and levels of groups."""
        proof = self.proof
        for name in free:
            bound = proof.bounds[name]
            low, high = limits(0, 0, bound.can_rise, bound.can_fall)
            yield Unknown(name, bound.keys, (bound.label,), low, high)
        low, high = limits(0, 0, proof.need_can_rise, proof.need_can_fall)
        arcs = proof.measures.arcs
        yield Unknown("", (), (arcs.need,), low, high)
        if standing is not None and slopes is not None:
            low, high = limits(
                slopes.last, slopes.following, standing.can_rise, standing.can_fall
            )
            labels = tuple(family.label for family in standing.families)
            yield Unknown("levels", standing.keys, labels, np.minimum(low, high), high)

    def solve(
        self,
        up: Ints,
        down: Ints,
        free: list[str],
        standing: Standing | Surplus | None = None,
        slopes: Slopes | None = None,
        *,
        is_strict: bool = False,
    ) -> Claim | None:
        """Return the integer prices, and levels, that break least of the conditions.

        `is_strict` asks for None where some condition has to be broken.
        """
        proof = self.proof
        unknowns = [*self.unknowns(free, standing, slopes)]
        counts = np.hstack([x.incidence(len(up)) for x in unknowns])
        rise, fall = proof.arc_can_rise, proof.arc_can_fall
        values = least_broken(
            np.vstack([counts[rise], -counts[fall]]),
            np.concatenate([-up[rise], down[fall]]),
            np.concatenate([x.low for x in unknowns]),
            np.concatenate([x.high for x in unknowns]),
            is_strict=is_strict,
        )
        if values is None:
            return None
        ends = np.cumsum([len(x.low) for x in unknowns])[:-1]
        numbers = [*zip(unknowns, np.split(values, ends), strict=True)]
        claim: Claim = {"prices": {}}
        for unknown, own in numbers:
            if unknown.name == "levels":
                claim["levels"] = unknown.written(own)
            elif unknown.name and own.any():
                claim["prices"][unknown.name] = unknown.written(own)
        return claim


def limits(last: Any, following: Any, rise: Any, fall: Any) -> tuple[Ints, Ints]:
    """Return the least and the greatest price of sets that may rise or fall."""
    return np.where(fall, last, -LARGEST), np.where(rise, following, LARGEST)


def least_broken(
    rows: NDArray[np.float64], least: Ints, low: Ints, high: Ints, *, is_strict: bool
) -> Ints | None:
    """Return integers x within limits that come closest to rows · x ≥ least."""
    count, missed = len(low), 0 if is_strict else len(rows)
    solved = milp(
        np.concatenate([np.zeros(count), np.ones(missed)]),
        integrality=np.concatenate([np.ones(count), np.zeros(missed)]),
        bounds=Bounds(
            np.concatenate([low, np.zeros(missed)]),
            np.concatenate([high, np.full(missed, np.inf)]),
        ),
        constraints=LinearConstraint(
            csr_array(np.hstack([rows, np.eye(len(rows), missed)])), least, np.inf
        ),
    )
    return None if solved.x is None else np.rint(solved.x[:count]).astype(np.int64)


def placed(proof: Proof, rng: random.Random) -> dict[str, str]:
    """Return a side for each bound on which it crosses no other, if there is one."""
    names = sorted(proof.bounds, key=lambda name: name not in RECORDS)
    sides: dict[str, str] = {}

    def fits(name: str, side: str) -> bool:
        others = [proof.bounds[x].label for x in sides if sides[x] == side]
        others += [proof.measures.arcs.need] if side == "need" else []
        return all(are_nested(proof.bounds[name].label, other) for other in others)

    def search(position: int) -> bool:
        if position == len(names):
            return True
        name = names[position]
        choice = ["need", "slot"]
        rng.shuffle(choice)
        for side in ["slot"] if name in RECORDS else choice:
            if fits(name, side):
                sides[name] = side
                if search(position + 1):
                    return True
                del sides[name]
        return False

    if not search(0):  # then any place is as good: some of them cross
        return dict.fromkeys(names, "slot")
    return sides


RECORDS = ("capacity", "reserve", "max_units")


def forged(problem: Problem, plan: Any, worth: list[Any], rng: random.Random) -> Result:
    """Return a result that claims a plan to be best, with what proves most of it."""
    policy, measures = problem.policy, problem.measures
    allocation = sm.Allocation([(slot, need, n) for (need, slot), n in plan.items()])
    result = Result(
        status=Status.OPTIMAL,
        structure="network",
        goals=tuple(
            GoalValue(goal, value, value, Fraction(0))
            for goal, value in zip(policy.goals, worth, strict=True)
        ),
        allocation=allocation,
        unmet=(),
        policy=policy,
        provenance={
            "instance": measures.columns.digest,
            "policy": policy_hash(policy),
        },
        baseline=problem.baseline,
    )
    claims: list[Claim] = [{"prices": {}} for _ in policy.goals]
    sides = dict.fromkeys(RECORDS, "slot")
    try:
        units = units_on(measures.columns, measures.arcs, allocation)
        proof = proof_of(measures, units, result)
        proof.completes = True
        sides = placed(proof, rng)
        if not [*proof.place(sides)]:
            claims = Adversary(proof, sides).claims()
    except (
        KeyError,
        AttributeError,
        AssertionError,
    ):  # of terms for which there are no prices at all
        pass
    certificate = {"kind": "prices", "sides": sides, "goals": claims}
    return replace(result, certificate=json.loads(json.dumps(certificate)))


def assured(problem: Problem, result: Result) -> Any:
    """Return what is said to be sure of a plan that no prices prove."""
    measures = problem.measures
    units = units_on(measures.columns, measures.arcs, result.allocation)
    return assure(measures, units, result.policy.rules, result.goals)


def as_read(result: Result, instance: sm.Instance) -> Result:
    """Return a result as it is read from its document."""
    plan = plan_of(instance, result.allocation, result.policy, result.baseline)
    result = replace(result, _plan=plan)
    return Result.from_dict(json.loads(json.dumps(result.to_dict())), instance)


@pytest.mark.parametrize("part", range(PARTS))
def test_no_prices_prove_a_plan_that_is_not_best(part: int):
    seen: Counter[str] = Counter()
    seed = part
    while seen["plans"] < PLANS // PARTS:
        seed += PARTS
        found = problem(seed)
        if found is None:
            continue
        rng, town = random.Random(seed), found.instance
        for worth, plan in found.worse(rng):
            false = forged(found, plan, worth, rng)
            if seen["plans"] % READ == 0:
                false = as_read(false, town)
                sure = replace(false, certificate=assured(found, false))
                assert sm.check_certificate(town, sure), (seed, plan, found.policy)
            assert sm.check_certificate(town, false), (seed, plan, found.policy)
            seen["plans"] += 1
        # The same search finds prices for the best plan, wherever there are any.
        best = found.best
        plan = next(plan for worth, plan in found.plans if worth == best)
        true = as_read(forged(found, plan, best, rng), town)
        reasons = [*map(str, sm.check_certificate(town, true))]
        couples = [why for why in reasons if "prove nothing" in why or "crosses" in why]
        assert couples or not reasons, (seed, reasons)
        seen["coupled" if couples else "proved"] += 1
        if seed % SOLVED == part:
            result = sm.solve(town, found.policy, baseline=found.baseline)
            kind = result.certificate["kind"]
            assert kind == ("bounds" if couples else "prices"), (seed, couples)
    print(dict(seen))  # noqa: T201
    assert seen["proved"] > PLANS // PARTS // 40
    assert seen["coupled"] > PLANS // PARTS // 40


@pytest.mark.parametrize("part", range(PARTS))
def test_no_plan_beats_what_is_said_to_be_the_best_conceivable(part: int):
    compared = 0
    for seed in range(part, PLANS // 8, PARTS):
        found = problem(seed)
        if found is None:
            continue
        rng, measures = random.Random(seed), found.measures
        plans = [
            units_on(
                measures.columns,
                measures.arcs,
                sm.Allocation([(slot, need, n) for (need, slot), n in plan.items()]),
            )
            for _, plan in found.plans[:60]
        ]
        for goal in [drawn(any_goal, rng) for _ in range(12)]:
            values: Any = [measures.goal_value(goal, units) for units in plans]
            for value in {*values}:
                bound = best_conceivable(measures, goal, value)
                upward = goal.op in ("maximize", "leximin")
                beaten = [v for v in values if (v > bound if upward else v < bound)]
                assert not beaten, (seed, goal, value, bound)
                compared += 1
    assert compared > PLANS // 8
