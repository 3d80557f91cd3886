import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import sharematch as sm
from sharematch.batch import WorkerPool
from sharematch.batch.executors import (
    executor_for,
    mended,
    num_workers,
)


def test_executors_tell_how_many_workers_they_have():
    with ThreadPoolExecutor(3) as threads:
        assert num_workers(threads) == 3
        assert mended(threads) is threads


@pytest.mark.parametrize(("extra", "module"), [("dask", "distributed"), ("ray", "ray")])
def test_a_missing_extra_is_named(extra, module, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    make = getattr(sm.batch, f"{extra}_executor")
    with pytest.raises(sm.errors.InputError, match=rf"pip install '{module}"):
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
