"""run_folder(): all instances of a folder, into a folder that can be taken up again."""

import json
import os
import platform
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sharematch.batch.executors import num_workers
from sharematch.batch.inputs import Input, content_hash, find_inputs, hash_of
from sharematch.batch.jobs import Failure, Job, failure_of, instance_seed, solve_job
from sharematch.batch.many import lost
from sharematch.batch.rundir import Entry, RunFolder
from sharematch.batch.stream import Lost, stream
from sharematch.batch.summary import COLUMNS, csv_line, parquet_of, summary_line
from sharematch.errors import InputError
from sharematch.io import policy_hash, read_policy
from sharematch.io.native import documents
from sharematch.model.arguments import typed
from sharematch.model.extras import install
from sharematch.model.policy import Policy
from sharematch.model.wording import policy_text

__all__ = ["Outcome", "run_folder"]

AnyPath = str | os.PathLike[str]

ERRORS = ("name", "error", "message")
"""The columns of `errors.csv`."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a run: how many instances were solved, or had been before.

    Examples
    --------
    >>> Outcome(3, 2, 0, ()).num_solved
    2
    """

    num_instances: int
    num_solved: int
    num_kept: int
    failures: tuple[Failure, ...]


@typed
def run_folder(
    source: AnyPath,
    out: AnyPath,
    policy: Policy | AnyPath | None = None,
    executor: Executor | None = None,
    *,
    seed: int = 0,
    time_limit: float | None = None,
    window: int | None = None,
    parquet: bool = False,
    on_progress: Callable[[int, int], None] | None = None,
) -> Outcome:
    """Solve every instance of a folder; started again, go on where it stopped.

    Parameters
    ----------
    source
        A folder of instances, or a manifest: a ``.csv`` file with a column ``path``
        and perhaps ``name``.
    out
        The folder of the run. It gets ``results/NAME.json``, ``summary.csv``,
        ``errors.csv``, ``run.json`` and ``log``, and holds nothing else.
    policy
        For all instances, or its file; `Policy.fair()` if left out.
    executor, seed, time_limit, window
        As in `solve_many`. Workers read the instances, this process writes.
    parquet
        Whether to write ``summary.parquet`` too; needs pyarrow. Ratios are floats.
    on_progress
        Told how many instances are done, of how many, each time that one is.

    Returns
    -------
    Counts, and a `Failure` for each instance without a result; they are tried again
    at the next start. All files but ``run.json`` and ``log`` have the same bytes
    whatever the executor, and however often the run was stopped or killed.

    Raises
    ------
    InputError
        When there are no instances, another run is at work in `out`, or `out` cannot
        be written; what had been reported done stays done.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import sharematch as sm
    >>> folder = tempfile.TemporaryDirectory()
    >>> weeks = Path(folder.name, "weeks")
    >>> weeks.mkdir()
    >>> town = sm.Instance(communities=[sm.Community(id="lianqiao")])
    >>> sm.io.write_instance(town, weeks / "week-1.json")
    >>> run_folder(weeks, Path(folder.name, "run")).num_solved
    1
    >>> run_folder(weeks, Path(folder.name, "run")).num_kept
    1
    >>> folder.cleanup()
    """
    source, out = Path(source), Path(out)
    besides = [out]
    if policy is None:
        policy = Policy.fair()
    elif not isinstance(policy, Policy):
        besides.append(Path(policy))
        policy = read_policy(policy)
    if time_limit is not None and not time_limit > 0:
        raise InputError(
            "value.must_be_above_0_seconds", field="time_limit", value=str(time_limit)
        )
    if parquet and find_spec("pyarrow") is None:
        raise InputError("folder.parquet_needs_pyarrow_2", hint=install("parquet"))
    inputs = find_inputs(source, besides)
    with RunFolder.opened(out) as folder:
        run = _Run(folder, inputs, policy, seed, time_limit)
        run.begin(source, executor)
        for count in run.go(executor, window):
            if on_progress is not None:
                on_progress(count, len(inputs))
        return run.end(parquet=parquet)


@dataclass(frozen=True, slots=True)
class _Task:
    job: Job
    settings: str


@dataclass(frozen=True, slots=True)
class _Solved:
    """What a worker gives back: a log entry, and the file that it stands for."""

    entry: Entry
    content: bytes


class _Run:
    """One run over the inputs; lines of the summary and failures by name."""

    def __init__(
        self,
        folder: RunFolder,
        inputs: Sequence[Input],
        policy: Policy,
        seed: int,
        time_limit: float | None,
    ) -> None:
        self.folder, self.inputs, self.policy = folder, inputs, policy
        self.seed, self.time_limit = seed, time_limit
        self.facts: dict[str, Any] = {
            "policy": policy_hash(policy),
            "seed": seed,
            "time_limit": time_limit,
            "sharematch": version("sharematch"),
            "ortools": version("ortools"),
        }
        self.settings = hash_of(json.dumps(self.facts).encode())
        self.lines: dict[str, str] = {}
        self.failures: dict[str, Failure] = {}
        self.num_kept = self.num_lost = 0
        self.clock = time.perf_counter()

    def begin(self, source: Path, executor: Executor | None) -> None:
        """Say in `run.json` and in the log what begins."""
        self.facts |= {
            "python": platform.python_version(),
            "text": policy_text(self.policy),
            "source": str(source),
            "instances": len(self.inputs),
            "workers": 1 if executor is None else num_workers(executor),
            "started": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        self.folder.note("begin", **self.facts)
        self.folder.write_run(**self.facts, seconds=None)

    def go(self, executor: Executor | None, window: int | None) -> Iterator[int]:
        """Yield how many instances are done each time that one is."""
        answers = stream(
            _solve_file, self._tasks(), executor, window=window, on_loss=self._lose
        )
        for answer in answers:
            if isinstance(answer, _Solved):
                self.folder.keep(answer.entry, answer.content)
                self.lines[answer.entry.name] = answer.entry.summary
            else:
                self._fail(
                    lost(answer.task.job, answer.reason)
                    if isinstance(answer, Lost)
                    else answer
                )
            yield len(self.lines) + len(self.failures)
        yield len(self.inputs)

    def _tasks(self) -> Iterator[_Task]:
        """Yield what is left to do."""
        for item in self.inputs:
            entry = self.folder.done(item.name, self.settings)
            if entry is not None and _is_as_before(item, entry):
                self.lines[item.name] = entry.summary
                self.num_kept += 1
            else:
                seed = instance_seed(self.seed, item.name)
                job = Job(item.name, item.path, self.policy, seed, self.time_limit)
                yield _Task(job, self.settings)

    def _lose(self, task: _Task, reason: Exception) -> None:
        """Say that a worker was lost, whatever becomes of its instance."""
        text = str(reason) or repr(reason)
        self.folder.note("lost", name=task.job.name, message=text)
        self.num_lost += 1

    def _fail(self, failure: Failure) -> None:
        self.folder.drop(failure.name)
        self.folder.note("error", name=failure.name, message=str(failure))
        self.failures[failure.name] = failure

    def end(self, *, parquet: bool) -> Outcome:
        """Write the tables and say how it went; all instances are done."""
        names = sorted(self.lines)
        self.folder.drop_all_but(names)
        lines = [self.lines[name] for name in names]
        self.folder.write_table("summary.csv", COLUMNS, lines)
        self.folder.write_parquet(parquet_of(lines) if parquet else None)
        failures = tuple(self.failures[name] for name in sorted(self.failures))
        rows = (csv_line((f.name, f.error, f.message)) for f in failures)
        self.folder.write_table("errors.csv", ERRORS, rows)
        num_solved = len(self.lines) - self.num_kept
        counts = {
            "solved": num_solved,
            "kept": self.num_kept,
            "failed": len(failures),
            "lost_workers": self.num_lost,
            "seconds": round(time.perf_counter() - self.clock, 3),
        }
        self.folder.write_run(**self.facts, **counts)
        self.folder.note("end", **counts)
        return Outcome(len(self.inputs), num_solved, self.num_kept, failures)


def _is_as_before(item: Input, entry: Entry) -> bool:
    try:
        return content_hash(item.path) == entry.input
    except InputError:
        return False


def _solve_file(task: _Task) -> _Solved | Failure:
    """Return the result of one file as the bytes of another."""
    job, begin = task.job, time.perf_counter()
    try:
        assert isinstance(job.source, Path)
        source_hash = content_hash(
            job.source
        )  # before reading: later changes are noticed
        result = solve_job(job)
        if isinstance(result, Failure):
            return result
        document = result.to_dict()
        content = documents.json_text(document).encode()
        summary = summary_line(job.name, document)
    except Exception as error:  # one instance must not end the others
        return failure_of(job.name, error)
    seconds = round(time.perf_counter() - begin, 4)
    hashes = source_hash, hash_of(content), task.settings
    return _Solved(Entry(job.name, *hashes, summary, seconds), content)
