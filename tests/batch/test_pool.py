import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Thread

import pytest

import sharematch as sm
from sharematch.batch import WorkerPool
from sharematch.batch.pool import WorkerLostError, num_cores
from tests.batch.tasks import (
    die_halfway,
    die_if_seven,
    double,
    process_id,
    raise_if_seven,
    raise_what_cannot_travel,
    return_what_cannot_travel,
)

PARENT = """
import sys, time
import sharematch as sm
from tests.batch.tasks import process_id

if __name__ == "__main__":
    pool = sm.batch.WorkerPool(1)
    print(pool.submit(process_id, 0).result(), flush=True)
    pool.submit(time.sleep, 60)
    time.sleep(60)
"""


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{process}/stat")
    return not status.exists() or status.read_text().rsplit(")")[-1].split()[0] != "Z"


def is_gone(process: int) -> bool:
    """Wait for the end of a process, up to ten seconds."""
    for _ in range(100):
        if not is_alive(process):
            return True
        time.sleep(0.1)
    return False


def test_workers_end_when_their_parent_is_killed(tmp_path: Path):
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    parent = subprocess.Popen(
        [sys.executable, script],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([".", *sys.path])},
    )
    assert parent.stdout is not None
    worker = int(parent.stdout.readline())
    assert is_alive(worker)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    assert is_gone(worker)


def test_a_pool_has_a_worker_for_each_core_unless_told_otherwise():
    with WorkerPool() as pool:
        assert pool.num_workers == num_cores() >= 1
    with pytest.raises(sm.errors.InputError, match="workers 0: must be at least 1"):
        WorkerPool(0)


def in_time(pool: WorkerPool) -> bool:
    """Shut a pool down; return whether that ended."""
    end = Thread(target=pool.shutdown, daemon=True)
    end.start()
    end.join(60)
    return not end.is_alive()


def test_a_worker_that_dies_takes_its_own_task_only(pool: WorkerPool):
    futures = [pool.submit(die_if_seven, x) for x in range(14)]
    with pytest.raises(WorkerLostError, match="its process ended with exit code -9"):
        futures.pop(7).result(60)
    assert [f.result(60) for f in futures] == [x for x in range(14) if x != 7]


@pytest.mark.parametrize("size", [1_000, 50_000, 5_000_000])
def test_a_worker_may_die_in_the_middle_of_its_answer(pool: WorkerPool, size: int):
    with pytest.raises(WorkerLostError):
        pool.submit(die_halfway, size).result(60)
    assert pool.submit(double, 1).result(60) == 2


def test_workers_may_be_killed_while_the_pool_is_idle_or_ends():
    for _ in range(3):
        workers = WorkerPool(2)
        processes = {workers.submit(process_id, x).result(60) for x in range(4)}
        os.kill(processes.pop(), signal.SIGKILL)
        assert in_time(workers)
    workers = WorkerPool(1)
    os.kill(workers.submit(process_id, 0).result(60), signal.SIGKILL)
    with pytest.raises(WorkerLostError):
        workers.submit(double, 1).result(60)
    assert workers.submit(double, 1).result(60) == 2
    assert in_time(workers)


def test_errors_of_a_call_come_back_with_where_they_were_raised(pool: WorkerPool):
    with pytest.raises(OSError, match="the node is gone") as caught:
        pool.submit(raise_if_seven, 7).result(60)
    assert 'raise OSError("the node is gone")' in caught.value.__notes__[0]
    with pytest.raises(RuntimeError, match="ValueError: no such week"):
        pool.submit(raise_what_cannot_travel, 0).result(60)
    with pytest.raises(TypeError, match="cannot pickle"):
        pool.submit(return_what_cannot_travel, 0).result(60)
    with pytest.raises((AttributeError, TypeError), match="pickle"):
        pool.submit(lambda: 0).result(60)
    assert pool.submit(double, 1).result(60) == 2


def test_calls_that_have_not_begun_can_be_canceled():
    workers = WorkerPool(1)
    first = workers.submit(time.sleep, 0.5)
    rest = [workers.submit(double, x) for x in range(3)]
    workers.shutdown(cancel_futures=True)
    assert first.done()
    assert all(future.cancelled() for future in rest)
    with pytest.raises(RuntimeError, match="shutdown"):
        workers.submit(double, 1)


def test_without_waiting_what_has_begun_is_done_and_workers_end():
    workers = WorkerPool(1)
    process = workers.submit(process_id, 0).result(60)
    last = workers.submit(double, 4)
    workers.shutdown(wait=False)
    assert last.result(60) == 8
    del workers, last
    assert is_gone(process)
