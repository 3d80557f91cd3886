"""Where work is done: processes of this machine, Dask, Ray, behind one interface.

All are `concurrent.futures.Executor`; any other will do as well.
"""

import importlib
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from typing import Any, ParamSpec, TypeVar

from sharematch.batch.pool import WorkerPool, num_cores
from sharematch.errors import InputError
from sharematch.model.arguments import expect, typed
from sharematch.model.extras import install
from sharematch.text import Text, about

__all__ = [
    "dask_executor",
    "executor_for",
    "mended",
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


def mended(executor: Executor) -> Executor:
    """Return an executor that goes on where a plain pool of processes stays broken.

    Shutting it down leaves the executor given as it is.
    """
    return _Mended(executor) if isinstance(executor, ProcessPoolExecutor) else executor


class _Mended(Executor):
    """A pool of Python as long as it works, then one of ours."""

    def __init__(self, given: ProcessPoolExecutor) -> None:
        self.num_workers = num_workers(given)
        self._given = given
        self._own: WorkerPool | None = None

    def submit(
        self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
    ) -> Future[T]:
        if self._own is None:
            try:
                return self._given.submit(fn, *args, **kwargs)
            except BrokenProcessPool:
                self._own = WorkerPool(self.num_workers)
        return self._own.submit(fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 (as in Executor)
        if self._own is not None:
            self._own.shutdown(wait, cancel_futures=cancel_futures)
        else:
            # In early releases of Python 3.11 a pool whose last futures were canceled
            # never ends (CPython issue 94440); after one more call it looks again.
            with suppress(RuntimeError):  # broken, or ended
                self._given.submit(int)


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


@typed
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

    Examples
    --------
    >>> try:
    ...     dask_executor(3)
    ... except InputError as error:
    ...     print(error)
    argument "cluster": int: must be text
    """
    try:
        import distributed  # noqa: PLC0415 (an extra)
    except ImportError:
        raise _missing("dask") from None
    if hasattr(cluster, "get_executor"):
        return _DaskExecutor(cluster)
    expect(str, cluster=cluster)
    connect: Any = distributed.Client
    try:
        return _DaskExecutor(connect(cluster, timeout="10s"), is_own=True)
    except (OSError, ValueError) as error:
        raise InputError(
            about(
                Text("batch.no_dask_scheduler_answers_at", address=cluster), str(error)
            )
        ) from error


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


@typed
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

    Examples
    --------
    >>> from importlib.util import find_spec
    >>> if find_spec("ray") is None:
    ...     try:
    ...         ray_executor()
    ...     except InputError as error:
    ...         print(str(error).splitlines()[0])
    ... else:
    ...     print("ray is not installed")
    ray is not installed
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
            raise InputError(
                about(
                    Text("batch.no_ray_cluster_answers_at", address=address), str(error)
                )
            ) from error
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
    return InputError("ask.is_not_installed", package=extra, hint=install(extra))
