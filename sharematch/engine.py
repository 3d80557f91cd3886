"""solve(): columns → arcs → program → solver, goal by goal → verify → Result."""

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import cache
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.allocation import Allocation
from sharematch.core import arcs as arcs_module
from sharematch.core.arcs import Arcs
from sharematch.core.columns import NONE, STATUSES, Columns, encode
from sharematch.core.coupled import CoupledProgram, lower_coupled
from sharematch.core.duals import certify
from sharematch.core.measures import Baseline, Measures, admitted
from sharematch.core.program import Program, lower
from sharematch.errors import InputError, SolverError, UnsupportedError
from sharematch.model.canonical import policy_hash
from sharematch.model.instance import Instance
from sharematch.model.policy import Policy
from sharematch.model.vocabulary import MEASURES
from sharematch.model.wording import goal_text, policy_text, rule_text
from sharematch.progress import OnProgress, Progress, Stop
from sharematch.reasons import unmet_needs
from sharematch.result import (
    ConflictTerm,
    GoalValue,
    Result,
    Status,
    measure_plan,
)
from sharematch.solvers.alone import served_alone
from sharematch.solvers.coupled import Watch
from sharematch.solvers.greedy import first_come, first_come_coupled
from sharematch.solvers.lexicographic import has_plan, solve_coupled
from sharematch.solvers.network import is_feasible, solve_network
from sharematch.verifier import verify

__all__ = ["solve"]

log = logging.getLogger("sharematch")

TELL_EVERY = 0.2
"""Seconds after which a long goal is told of again."""

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class _Pin:
    """A pinned or accepted decision: at least `quantity` units on one pair."""

    need: int
    slot: int
    quantity: int


@dataclass(frozen=True)
class _Found:
    """The units on each arc; for each goal a bound, where known, and whether it holds.

    Bounds are in the measure's smallest unit.
    """

    units: Ints
    is_proved: tuple[bool, ...]
    bounds: tuple[Any, ...]
    values: Ints | None = None
    """Of the variables of a coupled program."""


class _Clock:
    """Times phases, tells progress, keeps the limit and the wish to stop."""

    def __init__(self, limit: float | None, on_progress: OnProgress | None) -> None:
        self.begin = self.lap = self.told = time.perf_counter()
        self.limit = limit
        self.on_progress = on_progress
        self.timings: dict[str, float] = {}
        self.event = Progress("", 0.0)
        self.stopped = False

    def enter(self, phase: str, **details: Any) -> None:
        """Begin a phase; raises what `on_progress` raises, Stop apart."""
        now = time.perf_counter()
        if self.event.phase:
            spent = self.timings.get(self.event.phase, 0.0)
            self.timings[self.event.phase] = spent + now - self.lap
        self.lap = now
        self.event = Progress(phase, now - self.begin, **details)
        log.debug("%s %s", phase, self.event.text)
        self._tell(now)

    def _tell(self, now: float) -> None:
        self.told = now
        if self.on_progress is None:
            return
        try:
            self.on_progress(replace(self.event, seconds=now - self.begin))
        except Stop:
            self.stopped = True

    def check(self) -> None:
        """Raise Stop when the time is over or `on_progress` asked for it."""
        now = time.perf_counter()
        if now - self.told > TELL_EVERY:
            self._tell(now)
        left = self.remaining()
        if self.stopped or (left is not None and left <= 0):
            raise Stop

    def remaining(self) -> float | None:
        """Return the seconds left, None without a limit."""
        if self.limit is None:
            return None
        return max(self.limit - (time.perf_counter() - self.begin), 0.0)

    @property
    def watch(self) -> Watch:
        """What searches look at."""
        return Watch(self.check, Stop, self.remaining)


def solve(
    instance: Instance | Columns,
    policy: Policy | None = None,
    *,
    time_limit: float | None = None,
    seed: int = 0,
    baseline: Result | Allocation | None = None,
    on_progress: OnProgress | None = None,
) -> Result:
    """Decide who gets what: the best plan under a policy, verified.

    Parameters
    ----------
    instance
        The records of one round, or their columns.
    policy
        Rules and goals; `Policy.fair()` if left out.
    time_limit
        Seconds after which the best plan so far is returned, with a bound and a gap
        for each goal. Then a rerun may differ, and a warning says so.
    seed
        Breaks ties that all goals leave, by keyed hashes of ids.
    baseline
        An earlier result or plan, for the measure ``moved``.
    on_progress
        Called with a `Progress` at every step. Raising `sharematch.progress.Stop` in
        it ends the search with the best plan so far, anything else is passed on.

    Returns
    -------
    A result whose plan keeps all records and rules (checked by the verifier); each
    goal optimal among the optima of the earlier ones if `status` is ``optimal``. The
    same input, seed and version give the same result, whatever the order of records.

    Raises
    ------
    InputError
        For a policy that names what the instance does not have.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.Instance(
    ...     communities=[sm.Community(id="tianfeng"), sm.Community(id="lianqiao")],
    ...     facilities=[sm.Facility(id="station", community="tianfeng")],
    ...     slots=[sm.Slot(id="mon", facility="station", kinds=["health"], capacity=3)],
    ...     needs=[
    ...         sm.Need(id="t", community="tianfeng", kind="health", quantity=4),
    ...         sm.Need(id="l", community="lianqiao", kind="health", quantity=2),
    ...     ],
    ... )
    >>> [str(ratio) for ratio in sm.solve(town).goals[0].value]
    ['1/2', '1/2']
    """
    if time_limit is not None and not time_limit > 0:
        raise InputError(f"time_limit {time_limit}: must be above 0 seconds")
    policy = Policy.fair() if policy is None else policy
    clock = _Clock(time_limit, on_progress)
    clock.enter("arcs")
    columns = encode(instance)
    everything = arcs_module.build(columns)
    search = _Search(
        columns, everything, policy, seed, _earlier(baseline), watch=clock.watch
    )
    clock.enter("lower")
    program = found = None
    with suppress(Stop):  # over before there is a plan
        program = search.program(policy.rules, search.pins)
        found = None if program is None else _run(program, policy, clock)
    if program is None or found is None:
        result = _without_plan(search, program, clock)
    else:
        result = _with_plan(search, program, instance, found, clock)
    clock.enter("done")
    return result


def _earlier(baseline: Result | Allocation | None) -> Allocation | None:
    return baseline.allocation if isinstance(baseline, Result) else baseline


def _run(
    program: Program | CoupledProgram, policy: Policy, clock: _Clock
) -> _Found | None:
    """Return the best plan and what is known of each goal, or None without a plan."""
    if policy.method == "first_come":
        clock.enter("goal", text="first come")
        if isinstance(program, CoupledProgram):
            units = first_come_coupled(program, clock.watch)
        else:
            units = first_come(program)
        return None if units is None else _Found(units, (), ())

    def before_goal(position: int) -> None:
        clock.check()
        if policy.goals:  # what couples is searched for a plan without goals too
            text, count = goal_text(policy.goals[position]), len(policy.goals)
            clock.enter("goal", goal=position + 1, num_goals=count, text=text)
        clock.check()

    if isinstance(program, CoupledProgram):
        found = solve_coupled(program, clock.watch, before_goal)
        if found is None:
            return None
        return _Found(found.units, found.is_proved, found.bounds, found.values)
    outcome = solve_network(program, before_goal, clock.check, stop=Stop)
    if outcome is None:
        return None
    proved = tuple(i < outcome.num_proved for i in range(len(policy.goals)))
    return _Found(outcome.units, proved, (None,) * len(proved))


class _Search:
    """One instance under subsets of a policy's rules and of its pinned decisions."""

    def __init__(
        self,
        columns: Columns,
        everything: Arcs,
        policy: Policy,
        seed: int,
        baseline: Allocation | None,
        *,
        watch: Watch,
    ) -> None:
        self.columns, self.everything, self.watch = columns, everything, watch
        self.policy, self.seed, self.baseline = policy, seed, baseline
        self.pins = _pins(columns)

    def admitted(self, rules: Sequence[Any]) -> Arcs:
        """Return the arcs that the rules by assignment leave."""
        return self.everything.keep(
            admitted(Measures(self.columns, self.everything), rules)
        )

    def program(
        self,
        rules: Sequence[Any],
        pins: Sequence[_Pin],
        *,
        goals: Sequence[Any] | None = None,
    ) -> Program | CoupledProgram | None:
        """Return the program, or None where a pinned pair is no arc."""
        arcs = self.admitted(rules)
        held = np.zeros(len(arcs), np.int64)
        for pin in pins:
            at = _find(arcs, pin.need, pin.slot)
            if at is None:
                return None
            held[at] = max(held[at], pin.quantity)
        measures = Measures(self.columns, arcs, self._base(arcs))
        alone = None
        if any(getattr(rule, "bound", None) == "alone" for rule in rules):
            alone = served_alone(measures, self.watch)
        policy = rules, self.policy.goals if goals is None else goals
        rest: dict[str, Any] = {
            "seed": self.seed,
            "alone": alone,
            "pins": held if pins else None,
        }
        try:
            return lower(measures, *policy, **rest)
        except UnsupportedError as reason:
            log.debug("coupled: %s", reason)
            return lower_coupled(measures, *policy, **rest)

    def _base(self, arcs: Arcs) -> Baseline | None:
        """Return the baseline over these arcs."""
        if self.baseline is None:
            return None
        base, num_gone = np.zeros(len(arcs), np.int64), 0
        gone: list[tuple[int, int, int]] = []
        at = self.columns.position
        for a in self.baseline:
            need, slot = at["need"].get(a.need), at["slot"].get(a.slot)
            place = None
            if need is not None and slot is not None:
                place = _find(arcs, need, slot)
                if place is None:
                    gone.append((need, slot, a.quantity))
            if place is None:
                num_gone += a.quantity
            else:
                base[place] += a.quantity
        needs, slots, lost = np.array(gone, np.int64).reshape(-1, 3).T
        pairs = arcs_module.pairs(self.columns, needs, slots)
        return Baseline(base, num_gone, pairs, lost)

    def holds(self, terms: Sequence[tuple[str, int]]) -> bool:
        """Return whether some plan keeps these rules and pins, by their positions."""
        rules = [self.policy.rules[i] for kind, i in terms if kind == "rule"]
        pins = [self.pins[i] for kind, i in terms if kind == "pin"]
        program = self.program(rules, pins, goals=())
        if isinstance(program, CoupledProgram):
            # What cannot be told in time is not said to be in conflict.
            return has_plan(program, self.watch) is not False
        return program is not None and is_feasible(program)

    def conflict(self) -> tuple[ConflictTerm, ...] | None:
        """Return an irreducible set of rules and decisions that cannot all hold."""
        terms = [("pin", i) for i in range(len(self.pins))]
        terms += [("rule", i) for i in range(len(self.policy.rules))]
        if self.holds(terms):
            return None
        return tuple(self._term(*term) for term in _irreducible(terms, self.holds))

    def _term(self, kind: str, position: int) -> ConflictTerm:
        if kind == "rule":
            rule = self.policy.rules[position]
            return ConflictTerm("rule", rule_text(rule), rule=position + 1)
        pin = self.pins[position]
        need, slot = self.columns.need_ids[pin.need], self.columns.slot_ids[pin.slot]
        text = f"{need} keeps {pin.quantity} of {slot}"
        (reason,) = arcs_module.reasons(
            self.columns, np.array([pin.need]), np.array([pin.slot])
        ).tolist()
        code = "" if reason < 0 else arcs_module.CODES[reason]
        if (
            not code
            and _find(self.admitted(self.policy.rules), pin.need, pin.slot) is None
        ):
            code = "rule"
        if code:
            text += f" (not possible: {code})"
        return ConflictTerm("decision", text, need=need, slot=slot, code=code)


def _pins(columns: Columns) -> list[_Pin]:
    fixed = np.isin(
        columns.decision_status, [STATUSES.index("pinned"), STATUSES.index("accepted")]
    )
    return [
        _Pin(
            need,
            slot,
            int(columns.need_quantity[need]) if quantity == NONE else quantity,
        )
        for need, slot, quantity in zip(
            columns.decision_need[fixed].tolist(),
            columns.decision_slot[fixed].tolist(),
            columns.decision_quantity[fixed].tolist(),
            strict=True,
        )
    ]


def _find(arcs: Arcs, need: int, slot: int) -> int | None:
    """Return where a pair stands among the arcs, which are sorted by need and slot."""
    first, last = np.searchsorted(arcs.need, [need, need + 1])
    at = int(first + np.searchsorted(arcs.slot[first:last], slot))
    return at if at < last and arcs.slot[at] == slot else None


def _irreducible(
    terms: Sequence[tuple[str, int]],
    holds: Callable[[Sequence[tuple[str, int]]], bool],
) -> list[tuple[str, int]]:
    """Return a subset that does not hold while each smaller one does (QuickXplain)."""

    def explain(
        kept: list[tuple[str, int]], rest: list[tuple[str, int]], *, grown: bool
    ) -> list[tuple[str, int]]:
        if grown and not holds(kept):
            return []
        if len(rest) == 1:
            return rest
        half = len(rest) // 2
        first, second = rest[:half], rest[half:]
        late = explain(kept + first, second, grown=bool(first))
        early = explain(kept + late, first, grown=bool(late))
        return early + late

    if not terms or not holds([]):
        return []
    return sorted(explain([], list(terms), grown=False))


def _with_plan(
    search: _Search,
    program: Program | CoupledProgram,
    instance: Instance | Columns,
    found: _Found,
    clock: _Clock,
) -> Result:
    units = found.units
    policy, columns = search.policy, search.columns
    clock.enter("verify")
    measures = program.measures
    allocation = _allocation(columns, measures.arcs, units)
    violations = verify(instance, allocation, policy, baseline=search.baseline)
    if violations:
        raise SolverError(
            "the plan found does not pass verification: "
            + "; ".join(str(violation) for violation in violations[:5])
        )
    plan = measure_plan(columns, measures.arcs, units, measures.baseline)
    goals = tuple(
        _goal_value(measures, goal, units, is_proved=is_proved, bound=bound)
        for goal, is_proved, bound in zip(
            policy.goals, found.is_proved, found.bounds, strict=True
        )
    )
    is_optimal = policy.method == "goals" and all(found.is_proved)
    is_best = is_optimal or policy.method != "goals"
    return Result(
        status=Status.OPTIMAL if is_optimal else Status.FEASIBLE,
        structure=_structure(program) if policy.method == "goals" else "greedy",
        goals=goals,
        allocation=allocation,
        unmet=unmet_needs(program, units, found.values),
        policy=policy,
        provenance=_provenance(search),
        certificate=_certificate(program, policy, units) if is_optimal else None,
        warnings=_warnings(measures.arcs, cut=clock.limit is not None and not is_best),
        timings=clock.timings,
        instance=instance if isinstance(instance, Instance) else None,
        _plan=plan,
    )


def _certificate(
    program: Program | CoupledProgram, policy: Policy, units: Ints
) -> dict[str, Any] | None:
    if isinstance(program, CoupledProgram):
        return None
    return certify(program, policy.rules, policy.goals, units)


def _structure(program: Program | CoupledProgram | None) -> str:
    return "coupled" if isinstance(program, CoupledProgram) else "network"


def _allocation(columns: Columns, arcs: Arcs, units: Ints) -> Allocation:
    on = np.flatnonzero(units)
    # Positions follow ids, so their order is that of an allocation.
    on = on[np.lexsort((arcs.need[on], arcs.slot[on]))]
    return Allocation.of_columns(
        map(columns.slot_ids.__getitem__, arcs.slot[on].tolist()),
        map(columns.need_ids.__getitem__, arcs.need[on].tolist()),
        units[on],
    )


def _without_plan(
    search: _Search, program: Program | CoupledProgram | None, clock: _Clock
) -> Result:
    clock.enter("conflict")
    conflict = None
    with suppress(Stop):  # then nobody knows
        conflict = search.conflict()
    status = Status.UNSOLVED if conflict is None else Status.INFEASIBLE
    return Result(
        status=status,
        structure=_structure(program),
        goals=(),
        allocation=Allocation(),
        unmet=(),
        policy=search.policy,
        provenance=_provenance(search),
        conflict=conflict,
        timings=clock.timings,
    )


def _goal_value(
    measures: Measures, goal: Any, units: Ints, *, is_proved: bool, bound: Any
) -> GoalValue:
    """Return a goal with its value; `bound` is None or in the smallest unit."""
    value: Any = measures.goal_value(goal, units)
    scale = 100 if MEASURES[goal.measure].unit == "money" else 1
    if is_proved and not getattr(goal, "slack", None):
        bound = value
    elif bound is None:
        bound = _simple_bound(measures, goal, value)
    if isinstance(value, tuple):
        value, bound = (tuple(x / scale for x in vector) for vector in (value, bound))
        gaps = [abs(b - v) for b, v in zip(bound, value, strict=True) if b != v]
        return GoalValue(goal, value, bound, gaps[0] if gaps else Fraction(0))
    if MEASURES[goal.measure].unit != "ratio":
        bound = int(bound)
    gap = Fraction(abs(bound - value)) / max(1, abs(value))
    if scale > 1:
        money = Decimal(int(value)).scaleb(-2), Decimal(int(bound)).scaleb(-2)
        return GoalValue(goal, *money, gap * max(1, abs(value)) / max(100, abs(value)))
    return GoalValue(goal, value, bound, gap)


def _simple_bound(measures: Measures, goal: Any, value: Any) -> Any:
    """Return what no plan can beat, whatever the rules: for goals not proved."""
    columns, arcs = measures.columns, measures.arcs
    least = np.zeros(len(arcs), np.int64)
    most = np.minimum(
        columns.need_quantity[arcs.need], columns.slot_capacity[arcs.slot]
    )
    if goal.op == "leximax":
        return tuple(min(Fraction(0), v) for v in value)
    if goal.op == "leximin":
        best = measures.goal_value(goal, least if goal.measure == "unmet" else most)
        assert isinstance(best, tuple)
        return tuple(max(pair) for pair in zip(best, value, strict=True))
    if goal.op == "minimize":
        return min(value, 0)
    return max(
        value,
        measures.goal_value(goal, least if goal.measure == "unmet" else most),
    )


def _warnings(arcs: Arcs, *, cut: bool) -> tuple[str, ...]:
    found: list[str] = []
    if arcs.num_unknown:
        found.append(
            f"{arcs.num_unknown} of {len(arcs)} possible pairs have no known distance; "
            f"each counts as {int(arcs.distance.max(initial=0))}"
        )
    if cut:
        found.append("not proved within the time limit: another run may differ")
    return tuple(found)


@cache
def _version(package: str) -> str:
    return version(package)


def _provenance(search: _Search) -> dict[str, Any]:
    return {
        "sharematch": _version("sharematch"),
        "ortools": _version("ortools"),
        "instance": search.columns.digest,
        "policy": policy_hash(search.policy),
        "seed": search.seed,
        "text": policy_text(search.policy),
    }
