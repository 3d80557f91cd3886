"""WorkerPool: processes of this machine, each at the end of a line of its own.

A worker that is killed, at whatever moment, takes one task with it and nothing else.
The pool of the standard library has queues and locks that all its workers share; one
that is killed while it holds them can leave the others, and the pool, waiting for ever.
"""

import multiprocessing
import os
import pickle
import signal
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any, ParamSpec, TypeVar

from sharematch.errors import InputError

__all__ = ["WorkerLostError", "WorkerPool", "num_cores"]

P = ParamSpec("P")
T = TypeVar("T")

END = b""
"""In place of a task: there will be no more."""


class WorkerLostError(RuntimeError):
    """A worker ended while it was at a task."""


def num_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class WorkerPool(Executor):
    """Processes of this machine; one that is lost is replaced.

    Workers are started afresh (`spawn`), so scripts need the usual
    ``if __name__ == "__main__":``. They end with the process that started them, even
    when that is killed.

    Parameters
    ----------
    workers
        How many; one for each core that this process may use if left out.

    Raises
    ------
    InputError
        For less than one worker.

    Examples
    --------
    >>> import sharematch as sm
    >>> with sm.batch.WorkerPool(2) as pool:
    ...     pool.num_workers
    2
    """

    def __init__(self, workers: int | None = None) -> None:
        if workers is not None and workers < 1:
            raise InputError(
                "value.must_be_at_least", low=1, field="workers", value=str(workers)
            )
        self.num_workers = num_cores() if workers is None else workers
        # One thread for each process: it waits there for the answer.
        self._threads = ThreadPoolExecutor(self.num_workers, "sharematch-worker")
        self._idle: list[_Worker] = []

    def submit(
        self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
    ) -> Future[T]:
        """Schedule a call; `WorkerLostError` is what a killed worker leaves."""
        return self._threads.submit(self._call, fn, args, kwargs)

    def _call(self, fn: Callable[..., T], args: Any, kwargs: Any) -> T:
        task = pickle.dumps((fn, args, kwargs), pickle.HIGHEST_PROTOCOL)
        try:
            worker = self._idle.pop()
        except IndexError:
            worker = _Worker()
        answer = worker.answer(task)
        self._idle.append(worker)
        outcome: tuple[T, None] | tuple[None, Exception]
        outcome = pickle.loads(answer)  # noqa: S301 (our own process)
        if outcome[1] is not None:
            raise outcome[1]
        return outcome[0]

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 (as in Executor)
        """End the workers; without waiting, they end when the pool is let go of."""
        self._threads.shutdown(wait=wait, cancel_futures=cancel_futures)
        while wait and self._idle:
            self._idle.pop().end()


class _Worker:
    """A process, seen from the one that started it."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._line, far_end = context.Pipe()
        self._process = context.Process(target=_work, args=(far_end,), daemon=True)
        self._process.start()
        far_end.close()  # now open there only: the line is dead when the process is

    def answer(self, task: bytes) -> bytes:
        try:
            self._line.send_bytes(task)
            return self._line.recv_bytes()
        except (EOFError, OSError):
            self._line.close()
            self._process.join()
            code = self._process.exitcode
            raise WorkerLostError(f"its process ended with exit code {code}") from None

    def end(self) -> None:
        with suppress(OSError):  # killed meanwhile
            self._line.send_bytes(END)
        self._line.close()
        self._process.join()


# ---- in the worker's process


def _work(line: Connection) -> None:
    """Answer tasks; leave interrupts to the parent, and end when it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with suppress(EOFError, OSError):
        while task := line.recv_bytes():
            line.send_bytes(_answer(task))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)  # whatever is being solved, nobody waits for it


def _answer(task: bytes) -> bytes:
    """Return a value and None, or None and the error."""
    try:
        fn, args, kwargs = pickle.loads(task)  # noqa: S301 (our own process)
        return pickle.dumps((fn(*args, **kwargs), None), pickle.HIGHEST_PROTOCOL)
    except Exception as error:
        text = traceback.format_exc()
        error.add_note(f"In the worker:\n{text}")
        try:
            return pickle.dumps((None, error))
        except Exception:  # it cannot travel; its text can
            return pickle.dumps((None, RuntimeError(text)))
