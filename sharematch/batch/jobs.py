"""One instance of a batch as it travels: what a worker gets and what it gives back.

Instances go as arrays or as paths, never as records. Whatever goes wrong with one of
them is a value, a `Failure`; only a lost worker raises.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from sharematch.core.columns.arrays import Columns
from sharematch.engine.solving import solve
from sharematch.io import read_instance
from sharematch.model.arguments import typed
from sharematch.model.policy import Policy
from sharematch.plans.results.result import Result

__all__ = ["Failure", "Job", "failure_of", "instance_seed", "solve_job"]


@dataclass(frozen=True, slots=True)
class Failure:
    """An instance without a result, and why: stands where its result would.

    `error` is the kind of error, such as ``InputError`` or ``WorkerLost``.

    Examples
    --------
    >>> Failure("lakeside", "InputError", "needs.csv: is empty")
    Failure(name='lakeside', error='InputError', message='needs.csv: is empty')
    """

    name: str
    error: str
    message: str

    def __str__(self) -> str:
        return f"{self.name}: {self.message}"


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker gets: small, and of arrays or a path."""

    name: str
    source: Columns | Path
    policy: Policy
    seed: int
    time_limit: float | None = None


@typed
def instance_seed(seed: int, name: str) -> int:
    """Return the seed of one instance in a run: from SHA-256, 32 bits.

    It depends on the seed of the run and on the instance's name, not on its place
    in the run; `solve` with this seed replays the instance by itself.

    Examples
    --------
    >>> instance_seed(0, "lianqiao"), instance_seed(0, "tianfeng")
    (1462193021, 1236954464)
    """
    digest = hashlib.sha256(f"{seed}\0{name}".encode()).digest()
    return int.from_bytes(digest[:4], "big")


def failure_of(name: str, error: BaseException) -> Failure:
    """Return the record of an error."""
    return Failure(name, type(error).__name__, str(error) or repr(error))


def solve_job(job: Job) -> Result | Failure:
    """Return the result of one instance, or what went wrong with it."""
    try:
        source = job.source
        instance = source if isinstance(source, Columns) else read_instance(source)
        return solve(instance, job.policy, seed=job.seed, time_limit=job.time_limit)
    except Exception as error:  # one instance must not end the others
        return failure_of(job.name, error)
