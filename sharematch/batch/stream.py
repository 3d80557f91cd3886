"""Tasks through an executor: answers in order, memory bounded, losses survived."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Executor, Future
from dataclasses import dataclass
from itertools import islice
from typing import Generic, TypeVar

from sharematch.batch.executors import mended, num_workers

__all__ = ["AHEAD", "TRIES", "Lost", "stream"]

Task = TypeVar("Task")
Answer = TypeVar("Answer")

TRIES = 3
"""How often a task may lose its worker."""

AHEAD = 4
"""Tasks under way for each worker: so many that few workers wait for a slow one."""


@dataclass(frozen=True, slots=True)
class Lost(Generic[Task]):
    """A task that lost its worker every time, and the last reason."""

    task: Task
    reason: Exception


def stream(
    work: Callable[[Task], Answer],
    tasks: Iterable[Task],
    executor: Executor | None = None,
    *,
    window: int | None = None,
    on_loss: Callable[[Task, Exception], None] = lambda _task, _reason: None,
) -> Iterator[Answer | Lost[Task]]:
    """Yield what `work` makes of each task, in the order of the tasks.

    Parameters
    ----------
    work
        A function at the top of a module. It returns its errors as values: what is
        raised means that the worker itself was lost.
    tasks
        Read only as far as answers are taken.
    executor
        Where to work; None: here, one by one. It is left open.
    window
        How many tasks are under way, or done and not yet taken; four for each worker
        if left out.
    on_loss
        Told each time that a task lost its worker, and why.
    """
    if executor is None:
        yield from map(work, tasks)
        return
    pool = mended(executor)
    try:
        most = window or AHEAD * num_workers(pool)
        yield from _Stream(work, pool, most, on_loss).run(tasks)
    finally:
        if pool is not executor:
            pool.shutdown()


class _Stream(Generic[Task, Answer]):
    def __init__(
        self,
        work: Callable[[Task], Answer],
        executor: Executor,
        window: int,
        on_loss: Callable[[Task, Exception], None],
    ) -> None:
        self.work, self.executor, self.window = work, executor, window
        self.on_loss = on_loss
        self.running: deque[tuple[Task, Future[Answer]]] = deque()

    def run(self, tasks: Iterable[Task]) -> Iterator[Answer | Lost[Task]]:
        pending_tasks = iter(tasks)
        try:
            while self._fill(pending_tasks):
                yield self._next()
        finally:
            for _, future in self.running:
                future.cancel()

    def _fill(self, pending_tasks: Iterator[Task]) -> bool:
        """Submit tasks until the window is full; return whether any is under way."""
        for task in islice(pending_tasks, self.window - len(self.running)):
            self.running.append((task, self.executor.submit(self.work, task)))
        return bool(self.running)

    def _next(self) -> Answer | Lost[Task]:
        task, future = self.running.popleft()
        try:
            return future.result()
        except CancelledError:
            raise
        except Exception as error:  # whatever a lost worker raises
            return self._alone(task, error)

    def _alone(self, task: Task, reason: Exception) -> Answer | Lost[Task]:
        """Try a task again with nothing else under way.

        A pool that breaks takes innocent tasks with it, so all others are waited for:
        what is lost alone has itself to blame.
        """
        self.on_loss(task, reason)
        for _, other in self.running:
            other.exception()
        for _ in range(TRIES - 1):
            again = self.executor.submit(self.work, task)
            try:
                return again.result()
            except CancelledError:
                raise
            except Exception as error:
                reason = error
                self.on_loss(task, reason)
        return Lost(task, reason)
