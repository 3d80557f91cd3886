import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import sharematch as sm
from sharematch.batch import WorkerPool
from sharematch.batch.executors import (
    executor_for,
    mended,
    num_cores,
    num_workers,
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
    for _ in range(100):
        if not is_alive(worker):
            break
        time.sleep(0.1)
    assert not is_alive(worker)


def test_a_pool_has_a_worker_for_each_core_unless_told_otherwise():
    with WorkerPool() as pool:
        assert pool.num_workers == num_cores() >= 1
    with pytest.raises(sm.errors.InputError, match="workers 0: must be at least 1"):
        WorkerPool(0)


def test_executors_tell_how_many_workers_they_have():
    with ThreadPoolExecutor(3) as threads:
        assert num_workers(threads) == 3
        assert mended(threads) is threads


@pytest.mark.parametrize(("extra", "module"), [("dask", "distributed"), ("ray", "ray")])
def test_a_missing_extra_is_named(extra, module, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    make = getattr(sm.batch, f"{extra}_executor")
    with pytest.raises(
        sm.errors.InputError, match=rf"pip install 'sharematch\[{extra}"
    ):
        make("nowhere")


def test_the_executor_asked_for_is_made_and_ended(monkeypatch):
    ended = []

    class Cluster(ThreadPoolExecutor):
        def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
            ended.append(cancel_futures)
            super().shutdown(wait, cancel_futures=cancel_futures)

    for name in ("dask", "ray"):
        monkeypatch.setattr(
            f"sharematch.batch.executors.{name}_executor", lambda _: Cluster(1)
        )
        address: dict[str, Any] = {name: "tcp://somewhere"}
        with executor_for(**address) as executor:
            assert isinstance(executor, Cluster)
        assert ended.pop()
    with executor_for(1) as executor:
        assert executor is None
    with executor_for(3) as executor:
        assert isinstance(executor, WorkerPool)
        assert executor.num_workers == 3
