import json
from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

import pytest

import sharematch as sm
from sharematch import generate
from sharematch.batch import Failure, WorkerPool, instance_seed
from sharematch.batch.stream import TRIES, Lost, stream
from sharematch.errors import InputError
from tests.batch.tasks import die_once


def towns(count: int = 6) -> list[sm.Instance]:
    return [generate.make("community", seed) for seed in range(count)]


def texts(results) -> list[str]:
    return [json.dumps(result.to_dict()) for result in results]


@pytest.fixture(scope="module")
def serial() -> list[str]:
    return texts(sm.solve_many(towns(), seed=3))


def test_each_result_is_that_of_solve_with_the_seed_of_the_instance(serial):
    for town, text in zip(towns(), serial, strict=True):
        result = sm.solve(town, seed=instance_seed(3, town.name))
        assert json.dumps(result.to_dict()) == text


def test_processes_and_threads_give_the_same_bytes(pool: WorkerPool, serial):
    assert texts(sm.solve_many(towns(), None, pool, seed=3)) == serial
    assert texts(sm.solve_many(towns(), None, pool, seed=3, window=1)) == serial
    with ThreadPoolExecutor(2) as threads:
        assert texts(sm.solve_many(towns(), None, threads, seed=3)) == serial


def test_dask_gives_the_same_bytes_and_survives_a_lost_worker(serial, tmp_path: Path):
    distributed = pytest.importorskip(
        "distributed", reason="distributed is of the extra dask"
    )
    with (
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            dashboard_address=None,
            worker_dashboard_address=None,
        ) as cluster,
        sm.batch.dask_executor(cluster.scheduler_address) as dask,
    ):
        assert dask.num_workers == 2  # type: ignore[attr-defined]
        assert texts(sm.solve_many(towns(), None, dask, seed=3)) == serial
        assert [*stream(die_once, [tmp_path / "1"], dask)] == ["1"]


def test_ray_gives_the_same_bytes_and_survives_a_lost_worker(serial, tmp_path: Path):
    pytest.importorskip("ray", reason="ray is an extra")
    markers = [tmp_path / str(x) for x in range(2)]
    with sm.batch.ray_executor() as ray:
        assert texts(sm.solve_many(towns(), None, ray, seed=3)) == serial
        assert [*stream(die_once, markers, ray)] == ["0", "1"]


def test_results_from_workers_know_all_their_measures(pool: WorkerPool):
    town = towns(1)[0]
    (result,) = sm.solve_many([town], None, pool)
    assert isinstance(result, sm.Result)
    own = sm.solve(town, seed=instance_seed(0, town.name))
    assert result.by("slot") == own.by("slot")
    where = {"group": "elderly"}
    assert result.value("served", where) == own.value("served", where)


def test_seeds_come_from_the_names_not_from_the_order(pool: WorkerPool):
    def seeds(instances: Sequence[sm.Instance | Path]) -> list[int]:
        found = sm.solve_many(instances, None, pool, seed=5)
        return [result.provenance["seed"] for result in found]  # type: ignore[union-attr]

    there = seeds(towns(3))
    assert there == [instance_seed(5, f"synthetic-{i}") for i in range(3)]
    assert seeds(towns(3)[::-1]) == there[::-1]
    nameless = [town.replace(name="") for town in towns(2)]
    assert seeds(nameless) == [instance_seed(5, "1"), instance_seed(5, "2")]


@pytest.mark.parametrize("executor", [None, "pool"])
def test_paths_are_read_where_they_are_solved(tmp_path, executor, pool, serial):
    for town in towns():
        sm.io.write_instance(town, tmp_path / f"{town.name}.json")
    paths = [tmp_path / f"{town.name}.json" for town in towns()]
    where = pool if executor else None
    assert texts(sm.solve_many(paths, None, where, seed=3)) == serial
    assert texts(sm.solve_many(map(str, paths), None, where, seed=3)) == serial


@pytest.mark.parametrize("executor", [None, "pool"])
def test_a_bad_instance_is_one_failure(tmp_path, executor, pool):
    (tmp_path / "broken.json").write_text('{"format": "sharematch-instance"')
    town = towns(1)[0]
    where: Executor | None = pool if executor else None
    items = [town, tmp_path / "broken.json", tmp_path / "missing.json", town]
    first, broken, missing, last = sm.solve_many(items, None, where)
    assert isinstance(first, sm.Result)
    assert isinstance(last, sm.Result)
    assert isinstance(broken, Failure)
    assert (broken.name, broken.error) == ("broken", "InputError")
    assert "broken.json" in broken.message
    assert str(missing).startswith("missing: ")
    assert "No such file" in str(missing)


def test_what_a_policy_asks_of_one_instance_only_fails_there(pool):
    policy = sm.Policy(goals=[sm.Maximize("served", where={"community": "lianqiao"})])
    here = sm.Instance(communities=[sm.Community(id="lianqiao")])
    there = sm.Instance(communities=[sm.Community(id="tianfeng")])
    good, bad = sm.solve_many([here, there], policy, pool)
    assert isinstance(good, sm.Result)
    assert isinstance(bad, Failure)
    assert "lianqiao" in bad.message


def test_a_lost_worker_is_a_failure(monkeypatch):
    def lose(_work, jobs, *_, **__):
        return (Lost(job, OSError("out of memory")) for job in jobs)

    monkeypatch.setattr("sharematch.batch.many.stream", lose)
    (failure,) = sm.solve_many(towns(1))
    assert failure == Failure(
        "synthetic-0",
        "WorkerLost",
        f"its worker was lost {TRIES} times: out of memory",
    )


def test_the_time_limit_is_that_of_each_instance():
    hard = generate.make("subdistrict", 1)
    (result,) = sm.solve_many([hard], time_limit=1e-6)
    assert isinstance(result, sm.Result)
    assert result.status == "feasible"


@pytest.mark.parametrize("options", [{"time_limit": 0}, {"window": 0}])
def test_wrong_options_are_refused_at_once(options):
    with pytest.raises(InputError, match=next(iter(options))):
        sm.solve_many([], **options)
