"""solve_parts(): one instance part by part, and the parts' plans as one."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.batch.jobs import Failure, Job, solve_job
from sharematch.batch.many import lost
from sharematch.batch.parts import SIZE, Parts, find_parts
from sharematch.batch.stream import Lost, stream
from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.codes import SECTORS
from sharematch.core.columns.extract import extract
from sharematch.core.measures.ceilings import is_summed
from sharematch.core.measures.components import members
from sharematch.core.measures.groups import group_members
from sharematch.engine.solving import join, solve
from sharematch.errors import SolverError
from sharematch.model.arguments import typed
from sharematch.model.instance import Instance
from sharematch.model.measures import MEASURES
from sharematch.model.policy import Goal, Policy
from sharematch.model.vocabulary import NUMBERS_BY_GROUP
from sharematch.plans.results.result import Result
from sharematch.plans.results.status import GoalValue

__all__ = ["solve_parts"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@typed
def solve_parts(
    instance: Instance | Columns,
    policy: Policy | None = None,
    executor: Executor | None = None,
    *,
    seed: int = 0,
    time_limit: float | None = None,
    window: int | None = None,
    size: int = SIZE,
) -> Result:
    """Solve one instance part by part, side by side, and put the parts together.

    Parameters
    ----------
    instance, policy, seed
        As in `solve`.
    executor, window
        As in `solve_many`.
    time_limit
        Seconds for each part.
    size
        As in `find_parts`. It decides the parts; how many workers there are does not.

    Returns
    -------
    The result of the whole, verified: its status, structure, goals and bounds are
    those of `solve`, to the last unit. Where several plans are equally good in all
    goals, the plan may be another of them, and measures that no goal looks at may
    differ. The same arguments give the same bytes whatever the executor. Where there
    is no plan, the whole is solved once more to say why.

    Raises
    ------
    InputError
        As `solve`.
    SolverError
        When the worker of a part is lost three times.

    Examples
    --------
    >>> import sharematch as sm
    >>> district = sm.generate.make("subdistrict", 1, reach=0.3)
    >>> policy = sm.Policy.efficient()
    >>> parts = sm.batch.find_parts(district, policy, size=300)
    >>> result = sm.batch.solve_parts(district, policy, size=300)
    >>> [g.value for g in result.goals] == [
    ...     g.value for g in sm.solve(district, policy).goals
    ... ]
    True
    """
    policy = Policy.fair() if policy is None else policy
    parts = find_parts(instance, policy, size=size)
    options: dict[str, Any] = {"seed": seed, "time_limit": time_limit}
    if len(parts) < 2:
        return solve(instance, policy, **options)
    cut = _Cut(parts)
    results: list[Result] = []
    for answer in stream(_solve, cut.jobs(**options), executor, window=window):
        if isinstance(answer, Lost):
            raise SolverError("batch.part", part=lost(answer.task, answer.reason))
        if isinstance(answer, Failure) and answer.error != "InputError":
            raise SolverError("batch.part", part=answer)
        if isinstance(answer, Failure) or not answer.status.has_plan:
            return solve(instance, policy, **options)
        results.append(answer)
    result = join(
        instance,
        parts.everything,
        policy,
        cut.plan(results),
        cut.known(results),
        **options,
    )
    if result.structure not in ("coupled", "mixed"):
        return result
    # Whether one unit more would fit is known where its part was solved.
    reasons = {unmet.need: unmet for part in results for unmet in part.unmet}
    unmet = tuple(
        unmet if unmet.reason == "no_arc" else reasons[unmet.need]
        for unmet in result.unmet
    )
    return replace(result, unmet=unmet)


def _solve(job: Job) -> Result | Failure:
    """Return the result of one part, without what only the whole can say."""
    result = solve_job(job)
    if isinstance(result, Failure):
        return result
    return replace(result, certificate=None, _plan=None)


@dataclass(frozen=True, slots=True)
class _Share:
    """What a part gets of the policy: its terms, and which goals these are."""

    policy: Policy
    goals: tuple[int, ...]


class _Cut:
    """Parts as jobs, and their results as what is known of the whole."""

    def __init__(self, parts: Parts) -> None:
        self.parts, self.columns = parts, parts.columns
        self.need = parts.part[parts.found.need]
        self.slot = parts.part[parts.found.slot]
        self.shares: list[_Share] = []

    def jobs(self, seed: int, time_limit: float | None) -> Iterator[Job]:
        """Yield the parts, each an instance and a policy of its own."""
        count = len(self.parts)
        needs, slots = _by_part(self.need, count), _by_part(self.slot, count)
        rules = [self._is_about(rule) for rule in self.parts.policy.rules]
        goals = [self._is_about(goal) for goal in self.parts.policy.goals]
        for i in range(count):
            columns = extract(self.columns, needs[i], slots[i])
            share = self._share(columns, [x[i] for x in rules], [x[i] for x in goals])
            self.shares.append(share)
            yield Job(str(i + 1), columns, share.policy, seed, time_limit)

    def _is_about(self, term: Any) -> Bools:
        """Return the parts in which a term is about anything."""
        if term.by == "assignment":
            return np.ones(len(self.parts), bool)
        is_about = np.zeros(len(self.parts), bool)
        for group in members(self.parts.measures, term):
            part_of = self.need if group.side == "need" else self.slot
            is_about[part_of[group.record]] = True
        return is_about

    def _share(
        self, columns: Columns, has_rule: Sequence[bool], has_goal: Sequence[bool]
    ) -> _Share:
        policy = self.parts.policy
        names = _names(columns)
        rules = [
            _within_reach(rule, names)
            for rule, is_here in zip(policy.rules, has_rule, strict=True)
            if is_here
        ]
        goals = {
            i: _within_reach(goal, names)
            for i, (goal, is_here) in enumerate(
                zip(policy.goals, has_goal, strict=True)
            )
            if is_here
        }
        of_part = policy.model_copy(
            update={
                "rules": tuple(rule for rule in rules if rule is not None),
                "goals": tuple(goal for goal in goals.values() if goal is not None),
            }
        )
        return _Share(
            of_part, tuple(i for i, goal in goals.items() if goal is not None)
        )

    # ---- back to the whole

    def plan(self, results: Sequence[Result]) -> tuple[Ints, Ints, Ints]:
        """Return needs, slots and units of all parts' plans, as positions."""
        position = self.columns.position
        plans = [part.allocation for part in results]
        needs = chain.from_iterable(plan.needs for plan in plans)
        slots = chain.from_iterable(plan.slots for plan in plans)
        return (
            np.fromiter(map(position["need"].__getitem__, needs), np.int64),
            np.fromiter(map(position["slot"].__getitem__, slots), np.int64),
            np.concatenate([plan.quantities for plan in plans]),
        )

    def known(self, results: Sequence[Result]) -> list[tuple[bool, Any]]:
        """Return for each goal whether it is proved, and a bound, smallest units."""
        goals = self.parts.policy.goals
        values: list[dict[int, GoalValue]] = [{} for _ in goals]
        is_proved = [True for _ in goals]
        for part, (share, result) in enumerate(zip(self.shares, results, strict=True)):
            for index, value in zip(share.goals, result.goals, strict=True):
                values[index][part] = value
                # With slack, what is proved may be worth less than its bound.
                has_slack = bool(goals[index].slack)
                proved_here = result.is_optimal or not (value.gap or has_slack)
                is_proved[index] = is_proved[index] and proved_here
        bounds = map(self._bound, goals, values)
        return [*zip(is_proved, bounds, strict=True)]

    def _bound(self, goal: Goal, values: Mapping[int, GoalValue]) -> Any:
        scale = MEASURES[goal.measure].scale
        bounds: dict[int, Any] = {part: value.bound for part, value in values.items()}
        if goal.op in ("leximin", "leximax"):
            merged = sorted(x * scale for bound in bounds.values() for x in bound)
            return tuple(merged if goal.sense > 0 else reversed(merged))
        if MEASURES[goal.measure].unit != "ratio" or is_summed(goal):
            return sum(bounds.values()) * scale
        size = self._sizes(goal)
        total = sum(bound * int(size[part]) for part, bound in bounds.items())
        return total / max(int(size.sum()), 1)

    def _sizes(self, goal: Goal) -> Ints:
        """Return what a ratio of the whole is over, by part."""
        size = np.zeros(len(self.parts), np.int64)
        (counted,) = group_members(self.columns, goal.measure, None, goal.where)
        is_need = counted.side == "need"
        part = (self.need if is_need else self.slot)[counted.record]
        each = self.columns.need_demand if is_need else self.columns.slot_capacity
        np.add.at(size, part, each[counted.record])
        return size


def _by_part(part: Ints, count: int) -> list[Ints]:
    """Return the records of each part, ascending."""
    order = np.argsort(part, kind="stable")
    return np.split(order, np.searchsorted(part[order], np.arange(1, count)))


def _names(columns: Columns) -> dict[str, frozenset[str]]:
    """Return the ids that filters and weights may name."""
    return {
        "sector": frozenset(SECTORS),
        **{name: frozenset(at) for name, at in columns.position.items()},
    }


def _within_reach(term: Any, names: Mapping[str, frozenset[str]]) -> Any | None:
    """Return a term that names only what is in a part, None if it is about nothing."""
    update: dict[str, Any] = {}
    if term.where:
        where = {
            key: tuple(v for v in values if v in names.get(key, values))
            for key, values in term.where.items()
        }
        if not all(where.values()):
            return None
        update["where"] = where
    for field in NUMBERS_BY_GROUP:
        numbers = getattr(term, field, None)
        if isinstance(numbers, Mapping):
            update[field] = {
                key: number
                for key, number in numbers.items()
                if _is_named(term.groups, key, names)
            }
    return term.model_copy(update=update) if update else term


def _is_named(groups: Sequence[str], key: Any, names: Mapping[str, Any]) -> bool:
    """Return whether a group is one of those that may be named."""
    parts = (key,) if isinstance(key, str) else key
    return all(
        part in names.get(group, (part,))
        for group, part in zip(groups, parts, strict=True)
    )
