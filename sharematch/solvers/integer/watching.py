"""Solvers that do not look at the clock themselves, in threads of their own.

One that is asked to end, and is not ready soon afterwards, is left alone: some look
only between two of their stages, and some never.

Example: a linear program of two seconds, and after half of one a wish to stop: there is
no answer after .6 seconds, and the thread ends by itself.
"""

import time
from collections.abc import Callable
from concurrent.futures import Future
from math import inf
from threading import Thread
from typing import TypeVar

from sharematch.solvers.monitor import Monitor

__all__ = ["POLL", "watched"]

POLL = 0.05
"""Seconds between two looks at the clock."""

Answer = TypeVar("Answer")


def watched(
    work: Callable[[], Answer],
    monitor: Monitor,
    *,
    grace: float,
    seconds: float | None = None,
    stop: Callable[[], None] = lambda: None,
) -> Answer | None:
    """Return what some work returns, None where it is not ready in time.

    Parameters
    ----------
    grace
        Seconds that it gets to end, once it ought to.
    seconds
        After which it ends by itself.
    stop
        Asks it to end; called more than once.
    """
    answer: Future[Answer] = Future()

    def run() -> None:
        try:
            answer.set_result(work())
        except BaseException as error:
            answer.set_exception(error)

    # No daemon: one cut off at the end of the program would bring it down.
    thread = Thread(target=run)
    end = inf if seconds is None else time.perf_counter() + seconds + grace
    thread.start()
    try:
        while not answer.done() and time.perf_counter() < end:
            thread.join(POLL)
            if not answer.done() and monitor.is_over():
                stop()
                end = min(end, time.perf_counter() + grace)
    except BaseException:
        stop()
        thread.join(grace)
        raise
    return answer.result() if answer.done() else None
