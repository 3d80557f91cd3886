"""sensitivity(): what a policy brings when demand, travel or places are not as planned.

Each run is an instance of its own, drawn with a seed from (seed of all runs, number of
the run), solved like any other and told by its measures; plans are not kept.
"""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.batch.jobs import Failure, Job, instance_seed, solve_job
from sharematch.batch.many import lost
from sharematch.batch.stream import Lost, stream
from sharematch.batch.variation import Sweep, Variation, variants
from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.encoding import encode
from sharematch.errors import InputError
from sharematch.model.arguments import typed
from sharematch.model.instance import Instance
from sharematch.model.measures import MEASURES
from sharematch.model.policy import Policy
from sharematch.plans.results.status import Status
from sharematch.text.tables import Table, Value

__all__ = ["Run", "Sensitivity", "sensitivity"]

Ints = NDArray[np.int64]

QUANTILES = (0.05, 0.5, 0.95)
NAMES = tuple(
    name
    for name, each in MEASURES.items()
    if not (each.needs_baseline or each.only_in_rules)
)
"""Measures that are told, by community and for the whole."""


@dataclass(frozen=True)
class Run:
    """One run.

    Attributes
    ----------
    number, seed
        From 1, and what it was drawn and solved with.
    step
        The factors of the sweeps, in their order.
    status
        Of the result.
    totals, by_community
        Every measure of the whole; and by name of a measure, its value in each
        community that has one. Empty without a plan.
    demand, served
        Units of each need, in the order of ids.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> vary = [sm.batch.Draw("demand", 0.8, 1.2)]
    >>> runs = sm.batch.sensitivity(town, vary=vary, runs=2).runs
    >>> [run.number for run in runs]
    [1, 2]
    """

    number: int
    seed: int
    step: tuple[float, ...]
    status: Status
    totals: dict[str, Any]
    by_community: dict[str, dict[str, Any]]
    demand: Ints
    served: Ints

    @property
    def has_plan(self) -> bool:
        """Whether there is anything to measure."""
        return bool(self.totals)


@dataclass(frozen=True)
class Sensitivity:
    """All runs, and what they have in common.

    Attributes
    ----------
    runs
        In the order of numbers, then of steps.
    failures
        Runs that ended in an error.
    need_ids, need_communities
        Of the needs, in the order of ids.
    sweeps
        What was stepped through.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> vary = [sm.batch.Draw("demand", 0.8, 1.2)]
    >>> len(sm.batch.sensitivity(town, vary=vary, runs=2).runs)
    2
    """

    runs: tuple[Run, ...]
    failures: tuple[Failure, ...]
    need_ids: tuple[str, ...]
    need_communities: tuple[str, ...]
    sweeps: tuple[str, ...]

    def at(self, *step: float) -> "Sensitivity":
        """Return the runs of one step of the sweeps.

        Raises
        ------
        InputError
            For factors that no run has.
        """
        runs = tuple(run for run in self.runs if run.step == step)
        if not runs:
            raise InputError("batch.no_run_has_the_factors", factors=step)
        about_all = (self.failures, self.need_ids, self.need_communities, self.sweeps)
        return Sensitivity(runs, *about_all)

    @property
    def statuses(self) -> dict[str, int]:
        """How many runs ended in which status."""
        return dict(Counter(run.status.value for run in self.runs))

    def totals(self, quantiles: Sequence[float] = QUANTILES) -> Table:
        """Return quantiles of each measure of the whole, one row for each."""
        plans = [run.totals for run in self.runs if run.has_plan]
        return Table(
            (
                {"measure": name} | _quantiles([t[name] for t in plans], quantiles)
                for name in NAMES
                if plans
            ),
            ("measure", *map(_label, quantiles)),
        )

    def by_community(
        self, measure: str | None = None, quantiles: Sequence[float] = QUANTILES
    ) -> Table:
        """Return quantiles by community over all runs with a plan.

        One row for each community and measure, or of one measure. A quantile is a
        value that was seen: the least that a share q of the runs does not exceed.

        Raises
        ------
        InputError
            For an unknown measure, or quantiles not from 0 to 1.
        """
        if measure is not None and measure not in NAMES:
            raise InputError("policy.is_not_a_measure_name", name=measure)
        names = NAMES if measure is None else (measure,)
        return Table(
            (
                {"id": key, "measure": name} | _quantiles(values, quantiles)
                for name in names
                for key, values in sorted(self._values(name).items())
            ),
            ("id", "measure", *map(_label, quantiles)),
        )

    def _values(self, name: str) -> dict[str, list[Any]]:
        values: dict[str, list[Any]] = {}
        for run in self.runs:
            for key, value in run.by_community.get(name, {}).items():
                values.setdefault(key, []).append(value)
        return values

    @property
    def needs(self) -> Table:
        """How often each need is served: one row for each need.

        ``runs`` in which it asks for anything and there is a plan, and the shares of
        these in which it gets all (``full``), or at least something (``some``).
        """
        plans = [run for run in self.runs if run.has_plan]
        none = np.zeros((0, len(self.need_ids)), np.int64)
        demand = np.array([run.demand for run in plans]) if plans else none
        served = np.array([run.served for run in plans]) if plans else none
        asks = demand > 0
        columns = (
            asks.sum(axis=0),
            (asks & (served >= demand)).sum(axis=0),
            (asks & (served > 0)).sum(axis=0),
        )
        return Table(
            (
                {
                    "id": id_,
                    "community": community,
                    "runs": runs,
                    "full": _share(full, runs),
                    "some": _share(served_any, runs),
                }
                for id_, community, runs, full, served_any in zip(
                    self.need_ids,
                    self.need_communities,
                    *(column.tolist() for column in columns),
                    strict=True,
                )
            ),
            ("id", "community", "runs", "full", "some"),
        )


def _share(count: int, runs: int) -> Fraction | None:
    return Fraction(count, runs) if runs else None


def _label(quantile: float) -> str:
    if not 0 <= quantile <= 1:
        raise InputError(
            "batch.must_be_from_0_to_1", field="quantile", value=str(quantile)
        )
    return f"q{quantile * 100:g}"


def _quantiles(values: list[Any], quantiles: Sequence[float]) -> dict[str, Value]:
    ordered = sorted(values)
    return {
        _label(q): ordered[max(ceil(Fraction(str(q)) * len(ordered)), 1) - 1]
        for q in quantiles
    }


@typed
def sensitivity(
    instance: Instance | Columns,
    policy: Policy | None = None,
    *,
    vary: Sequence[Variation],
    runs: int = 100,
    seed: int = 0,
    executor: Executor | None = None,
    time_limit: float | None = None,
    window: int | None = None,
) -> Sensitivity:
    """Solve an instance many times, each time a little different.

    Parameters
    ----------
    instance
        As planned.
    policy
        `Policy.fair()` if left out.
    vary
        `Draw` for what is uncertain, `Sweep` for what is to be compared. What is drawn
        is the same at every step of a sweep, and under any policy.
    runs
        How many times all is drawn; each is solved once for every step of the sweeps.
    seed
        Of all runs. Run number n is drawn and solved with `instance_seed(seed, n)`, so
        where goals leave a tie, other needs are favored in other runs.
    executor, time_limit, window
        As in `solve_many`. Results do not depend on the executor.

    Returns
    -------
    All runs: `by_community`, `totals` and `needs` are tables over them. Runs without a
    plan are counted by `statuses`, those that ended in an error stand in `failures`.

    Raises
    ------
    InputError
        For less than one run, or a rule that is not there or has no number.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make("community", 1)
    >>> vary = [sm.batch.Draw("demand", 0.5, 1.5)]
    >>> found = sm.batch.sensitivity(town, vary=vary, runs=3)
    >>> found.statuses
    {'optimal': 3}
    >>> found.by_community("fill_rate", quantiles=[0.5]).columns
    ('id', 'measure', 'q50')
    """
    if runs < 1:
        raise InputError("value.must_be_at_least", low=1, field="runs", value=str(runs))
    policy = Policy.fair() if policy is None else policy
    columns = encode(instance)
    for _ in variants(columns, policy, vary, seed):  # what is wrong is wrong at once
        break
    tasks = (
        _Task(job, number, step)
        for number in range(1, runs + 1)
        for own_seed in (instance_seed(seed, str(number)),)
        for step, varied, terms in variants(columns, policy, vary, own_seed)
        for job in (Job(f"run {number}", varied, terms, own_seed, time_limit),)
    )
    solved: list[Run] = []
    failures: list[Failure] = []
    for answer in stream(_solve, tasks, executor, window=window):
        if isinstance(answer, Run):
            solved.append(answer)
        elif isinstance(answer, Lost):
            failures.append(lost(answer.task.job, answer.reason))
        else:
            failures.append(answer)
    homes = map(columns.community_ids.__getitem__, columns.need_community.tolist())
    sweeps = tuple(item.what for item in vary if isinstance(item, Sweep))
    return Sensitivity(
        tuple(solved), tuple(failures), columns.need_ids, tuple(homes), sweeps
    )


@dataclass(frozen=True, slots=True)
class _Task:
    job: Job
    number: int
    step: tuple[float, ...]


def _solve(task: _Task) -> Run | Failure:
    """Solve one run where it is sent, and bring back numbers alone."""
    result = solve_job(task.job)
    if isinstance(result, Failure):
        return result
    columns = task.job.source
    assert isinstance(columns, Columns)
    has_plan = result.status.has_plan
    served = np.zeros(len(columns.need_ids), np.int64)
    need_row = columns.position["need"]
    needs = [need_row[need] for need in result.allocation.needs]
    np.add.at(served, needs, result.allocation.quantities)
    return Run(
        number=task.number,
        seed=task.job.seed,
        step=task.step,
        status=result.status,
        totals={name: result.value(name) for name in NAMES if has_plan},
        by_community={
            name: result.each(name, "community") for name in NAMES if has_plan
        },
        demand=columns.need_demand,
        served=served,
    )
