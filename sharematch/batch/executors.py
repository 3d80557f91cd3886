"""Where work is done: processes of this machine, Dask, Ray, behind one interface.

All are `concurrent.futures.Executor`; any other will do as well.
"""

import importlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from typing import Any, ParamSpec, TypeVar

from sharematch.errors import InputError

__all__ = [
    "WorkerPool",
    "dask_executor",
    "executor_for",
    "mended",
    "num_cores",
    "num_workers",
    "ray_executor",
]

P = ParamSpec("P")
T = TypeVar("T")


def num_workers(executor: Executor) -> int:
    """Return how many tasks an executor works on at once, as far as it tells."""
    count: Any = getattr(executor, "num_workers", None)
    if count is None:
        count = getattr(executor, "_max_workers", None)  # both pools of Python
    if count is None and (client := getattr(executor, "_client", None)) is not None:
        count = sum(client.ncores().values())  # Dask's own
    return max(int(count or num_cores()), 1)


def num_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class WorkerPool(Executor):
    """Processes of this machine; where one is lost, a new pool takes over.

    Workers are started afresh (`spawn`), so scripts need the usual
    ``if __name__ == "__main__":``. They end with the process that started them, even
    when that is killed.

    Parameters
    ----------
    workers
        How many; one for each core that this process may use if left out.
    first
        A pool to begin with; it is left open at the end.

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

    def __init__(
        self, workers: int | None = None, *, first: ProcessPoolExecutor | None = None
    ) -> None:
        if workers is not None and workers < 1:
            raise InputError(f"workers {workers}: must be at least 1")
        self.num_workers = num_cores() if workers is None else workers
        self._lock = threading.Lock()
        self._lent = first
        self._pool = self._new() if first is None else first

    def _new(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            self.num_workers,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_start_worker,
        )

    def submit(
        self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
    ) -> Future[T]:
        """Schedule a call; a broken pool is replaced first."""
        with self._lock:
            try:
                return self._pool.submit(fn, *args, **kwargs)
            except BrokenProcessPool:
                self._close(wait=False)
                self._pool = self._new()
                return self._pool.submit(fn, *args, **kwargs)

    def let_go(self) -> None:
        """Let go of futures that have been canceled.

        In early releases of Python 3.11 a pool with nothing else left may never end
        (CPython issue 94440); after one more call it looks again.
        """
        with suppress(RuntimeError):  # broken or ended: it holds none
            self._pool.submit(int)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 (as in Executor)
        """End the workers."""
        self._close(wait=wait, cancel_futures=cancel_futures)

    def _close(self, *, wait: bool, cancel_futures: bool = False) -> None:
        if self._pool is not self._lent:
            self._pool.shutdown(wait=wait, cancel_futures=cancel_futures)


def _start_worker() -> None:
    """Leave interrupts to the parent, and end when it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)  # whatever is being solved, nobody waits for it


def mended(executor: Executor) -> Executor:
    """Return an executor that goes on where a plain pool of processes stays broken.

    Shutting it down leaves the executor given as it is.
    """
    if not isinstance(executor, ProcessPoolExecutor):
        return executor
    return WorkerPool(num_workers(executor), first=executor)


@contextmanager
def executor_for(
    workers: int | None = None, dask: str | None = None, ray: str | None = None
) -> Iterator[Executor | None]:
    """Yield the executor asked for, None for work in this process; end it afterwards.

    Raises
    ------
    InputError
        When a cluster's package is not installed, or nothing answers at its address.
    """
    executor: Executor | None = None
    if dask is not None:
        executor = dask_executor(dask)
    elif ray is not None:
        executor = ray_executor(ray)
    elif (workers or num_cores()) > 1:
        executor = WorkerPool(workers)
    try:
        yield executor
    finally:
        if executor is not None:
            executor.shutdown(cancel_futures=True)


# ---- clusters


def dask_executor(cluster: Any) -> Executor:
    """Return an executor on a Dask cluster; needs the extra ``dask``.

    Parameters
    ----------
    cluster
        The scheduler's address, such as ``"tcp://10.0.0.1:8786"``, or a client.
        A client that is given stays open. Workers should have one thread each
        (``dask worker --nthreads 1``).

    Raises
    ------
    InputError
        When Dask is not installed, or nothing answers at the address.
    """
    try:
        import distributed  # noqa: PLC0415 (an extra)
    except ImportError:
        raise _missing("dask") from None
    if not isinstance(cluster, str):
        return _DaskExecutor(cluster)
    connect: Any = distributed.Client
    try:
        return _DaskExecutor(connect(cluster, timeout="10s"), is_own=True)
    except (OSError, ValueError) as error:
        raise InputError(f"no Dask scheduler answers at {cluster}: {error}") from error


class _DaskExecutor(Executor):
    def __init__(self, client: Any, *, is_own: bool = False) -> None:
        self._client, self._is_own = client, is_own
        # Not pure: a task that is tried again is a new one.
        self._inner: Any = client.get_executor(pure=False)

    @property
    def num_workers(self) -> int:
        """Threads of the cluster now."""
        return int(sum(self._client.ncores().values()))

    def submit(
        self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
    ) -> Future[T]:
        future: Future[T] = self._inner.submit(fn, *args, **kwargs)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 (as in Executor)
        self._inner.shutdown(wait=wait and not cancel_futures)
        if self._is_own:
            self._client.close()


def ray_executor(address: str | None = None) -> Executor:
    """Return an executor on a Ray cluster; needs the extra ``ray``.

    Parameters
    ----------
    address
        Of the cluster, such as ``"ray://10.0.0.1:10001"`` or ``"auto"``; None: the one
        this process is connected to, or a new one on this machine.

    Raises
    ------
    InputError
        When Ray is not installed, or nothing answers at the address.
    """
    try:
        ray = importlib.import_module("ray")
    except ImportError:
        raise _missing("ray") from None
    is_own = not ray.is_initialized()
    if is_own:
        try:
            ray.init(address=address, log_to_driver=False, include_dashboard=False)
        except (OSError, ValueError, RuntimeError) as error:
            raise InputError(f"no Ray cluster answers at {address}: {error}") from error
    return _RayExecutor(ray, is_own=is_own)


class _RayExecutor(Executor):
    def __init__(self, ray: Any, *, is_own: bool) -> None:
        self._ray, self._is_own = ray, is_own
        # Lost workers are counted and tried again by who asked.
        self._call = ray.remote(num_cpus=1, max_retries=0)(_call)

    @property
    def num_workers(self) -> int:
        """Cores of the cluster now."""
        return int(self._ray.cluster_resources().get("CPU", 1))

    def submit(
        self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
    ) -> Future[T]:
        task = self._call.remote(fn, args, kwargs)
        future: Future[T] = task.future()

        def forget(done: Future[T]) -> None:
            if done.cancelled():
                self._ray.cancel(task)

        future.add_done_callback(forget)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 (as in Executor)
        if self._is_own:
            self._ray.shutdown()


def _call(fn: Callable[..., T], args: Any, kwargs: Any) -> T:
    return fn(*args, **kwargs)


def _missing(extra: str) -> InputError:
    return InputError(
        f"{extra} is not installed\nMaybe pip install 'sharematch[{extra}]'"
    )
