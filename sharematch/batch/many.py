"""solve_many(): an iterator of results over an iterator of instances."""

import logging
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor
from pathlib import Path
from typing import TYPE_CHECKING

from sharematch.batch.jobs import Failure, Job, instance_seed, solve_job
from sharematch.batch.stream import TRIES, Lost, stream
from sharematch.core.columns.encoding import encode
from sharematch.errors import InputError, Problem
from sharematch.model.arguments import expect, typed
from sharematch.model.instance import Instance
from sharematch.model.policy import Policy
from sharematch.plans.results.result import Result
from sharematch.text import Text

if TYPE_CHECKING:
    from sharematch.core.columns.arrays import Columns

__all__ = ["solve_many"]

log = logging.getLogger("sharematch")

AnyPath = str | os.PathLike[str]


@typed
def solve_many(
    instances: Iterable[Instance | AnyPath],
    policy: Policy | None = None,
    executor: Executor | None = None,
    *,
    seed: int = 0,
    time_limit: float | None = None,
    window: int | None = None,
) -> Iterator[Result | Failure]:
    """Solve instances one after the other or side by side; yield results in order.

    Parameters
    ----------
    instances
        Instances, or paths of files that `read_instance` reads; read only as far as
        results are taken, so there may be more of them than fit into memory.
    policy
        For all of them; `Policy.fair()` if left out.
    executor
        Where to solve: any `concurrent.futures.Executor`, such as a
        `sharematch.batch.WorkerPool`, `dask_executor` or `ray_executor`. None: in
        this process. It is left open. Instances travel to it as arrays, paths as
        paths, which its workers must be able to read.
    seed
        Of the run. Each instance is solved with the seed `instance_seed(seed, name)`,
        its name being `Instance.name`, a path's stem, or else its position from 1.
    time_limit
        Seconds for each instance, as in `solve`.
    window
        How many instances are in memory at once; four for each worker if left out.

    Returns
    -------
    An iterator that yields, in the order of the instances, a `Result` for each; where
    there is none (an input error, a worker lost three times), a `Failure` stands in
    its place. The same instances, policy and seed give equal results, byte by byte,
    whatever the executor and however many workers.

    Examples
    --------
    >>> import sharematch as sm
    >>> def town(name, capacity):
    ...     return sm.Instance(
    ...         name=name,
    ...         communities=[sm.Community(id=name)],
    ...         facilities=[sm.Facility(id="station", community=name)],
    ...         slots=[
    ...             sm.Slot(
    ...                 id="mon", facility="station", kinds=["tea"], capacity=capacity
    ...             )
    ...         ],
    ...         needs=[sm.Need(id="elderly", community=name, kind="tea", quantity=4)],
    ...     )
    >>> towns = [town("tianfeng", 3), town("lianqiao", 1)]
    >>> [result.value("served") for result in sm.solve_many(towns)]
    [3, 1]
    """
    if isinstance(instances, Instance):
        message = Text("value.must_be_a_sequence_of_instances")
        raise InputError(
            [Problem(message, "argument", "instances", hint="value.a_list_with_it")]
        )
    if time_limit is not None and not time_limit > 0:
        raise InputError(
            "value.must_be_above_0_seconds", field="time_limit", value=str(time_limit)
        )
    if window is not None and window < 1:
        raise InputError(
            "value.must_be_at_least", low=1, field="window", value=str(window)
        )
    policy = Policy.fair() if policy is None else policy
    jobs = (
        _job(item, position, policy, seed, time_limit)
        for position, item in enumerate(instances, 1)
    )
    return _results(
        stream(solve_job, jobs, executor, window=window, on_loss=_report_loss)
    )


def _report_loss(job: Job, reason: Exception) -> None:
    log.info("%s lost its worker: %s", job.name, reason)


def _results(
    answers: Iterator[Result | Failure | Lost[Job]],
) -> Iterator[Result | Failure]:
    for answer in answers:
        yield lost(answer.task, answer.reason) if isinstance(answer, Lost) else answer


def _job(
    item: Instance | AnyPath,
    position: int,
    policy: Policy,
    seed: int,
    time_limit: float | None,
) -> Job:
    source: Columns | Path
    expect(Instance, str, os.PathLike, **{f"instances {position}": item})
    if isinstance(item, Instance):
        name, source = item.name, encode(item)
    else:
        source = Path(item)
        name = source.stem
    name = name or str(position)
    return Job(name, source, policy, instance_seed(seed, name), time_limit)


def lost(job: Job, reason: Exception) -> Failure:
    """Return the record of an instance that lost its worker every time."""
    message = Text("batch.its_worker_was_lost_times", times=TRIES, cause=reason)
    return Failure(job.name, "WorkerLost", message)
