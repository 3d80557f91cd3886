"""The recipe of a web service: started by its command, used by a generated client."""

import importlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest

import sharematch as sm
from tests.halls import halls
from tests.services import free_port

FOLDER = Path(__file__).parents[1] / "examples" / "service"
GENERATOR = "SHAREMATCH_GENERATOR"
PATIENCE = 120
"""Seconds to wait for what takes one or two, where much else runs."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    port = free_port()
    command = [sys.executable, str(FOLDER), "--port", str(port)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            _, said = process.communicate(timeout=PATIENCE)
            assert "Traceback" not in said


@pytest.fixture(scope="module")
def http(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=PATIENCE) as client:

        def answers() -> bool:
            try:
                return client.get("/openapi.json").is_success
            except httpx.TransportError:
                return False

        until(answers)
        yield client


def until(is_so: Callable[[], object]) -> None:
    """Wait for what will be so in a moment."""
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.05)


TOWN = sm.generate.make_instance(communities=2, needs=8, slots=4, scarcity=0.5)
DOCUMENT = TOWN.model_dump(mode="json", exclude_defaults=True)


def solved(http: httpx.Client, order: dict[str, Any]) -> dict[str, Any]:
    job = http.post("/jobs", json=order).raise_for_status().json()
    until(lambda: http.get(f"/jobs/{job['id']}").json()["state"] != "running")
    found: dict[str, Any] = http.get(f"/jobs/{job['id']}").json()
    return found


def test_what_it_says_of_itself_is_what_is_stored(http: httpx.Client):
    stored = json.loads((FOLDER / "openapi.json").read_text(encoding="utf-8"))
    told = http.get("/openapi.json").json()
    assert set(told["paths"]) == set(stored["paths"])
    models = told["components"]["schemas"]
    fields, as_stored = (
        {name: set(model.get("properties", ())) for name, model in schemas.items()}
        for schemas in (models, stored["components"]["schemas"])
    )
    assert fields == as_stored
    assert models["Need"]["properties"]["quantity"]["minimum"] == 0
    assert models["Slot"]["properties"]["capacity"]["minimum"] == 0
    assert models["Need"]["properties"]["sessions"]["minimum"] == 1


def test_a_result_is_that_of_the_library(http: httpx.Client):
    job = solved(http, {"instance": DOCUMENT})
    assert (job["state"], job["status"]) == ("done", "optimal")
    document = http.get(f"/jobs/{job['id']}/result").json()
    jsonschema.validate(document, sm.io.schema("result"))
    assert document == json.loads(json.dumps(sm.solve(TOWN).to_dict()))


def test_what_is_wrong_is_named(http: httpx.Client):
    need = {"id": "n", "community": "nowhere", "kind": "sport"}
    answer = http.post("/jobs", json={"instance": {**DOCUMENT, "needs": [need]}})
    assert answer.status_code == 422
    assert "nowhere: is not among the communities" in answer.text
    assert http.get("/jobs/none").status_code == 404
    job = solved(http, {"instance": DOCUMENT})["id"]
    answer = http.get(f"/jobs/{job}/explanation", params={"need": "nobody"})
    assert answer.status_code == 400
    (problem,) = answer.json()["problems"]
    assert (problem["record"], problem["id"]) == ("need", "nobody")
    said = [{"need": "nobody", "slot": "s", "status": "declined"}]
    answer = http.post(f"/jobs/{job}/answers", json={"answers": said})
    failed = answer.raise_for_status().json()["id"]
    until(lambda: http.get(f"/jobs/{failed}").json()["state"] == "failed")
    assert "nobody" in http.get(f"/jobs/{failed}").json()["problem"]
    assert http.get(f"/jobs/{failed}/result").status_code == 400


def test_answers_name_bookings_by_their_start(http: httpx.Client):
    town = halls()
    document = town.model_dump(mode="json", exclude_defaults=True)
    job = solved(http, {"instance": document})["id"]
    rows = http.get(f"/jobs/{job}/result").json()["assignments"]
    first = next(row for row in rows if "start" in row)
    booking = {name: first[name] for name in ("need", "slot", "start")}
    said = {"answers": [{**booking, "status": "declined"}]}
    again = http.post(f"/jobs/{job}/answers", json=said).raise_for_status().json()["id"]
    until(lambda: http.get(f"/jobs/{again}").json()["state"] != "running")
    assert http.get(f"/jobs/{again}").json()["problem"] == ""
    revised = http.get(f"/jobs/{again}/result").json()["assignments"]
    assert booking not in [{name: row.get(name) for name in booking} for row in revised]


def test_a_solve_is_stopped_and_leaves_a_plan(http: httpx.Client):
    hard = sm.generate.make_instance(communities=8, needs=600, slots=120, whole=1.0)
    order = {"instance": hard.model_dump(mode="json", exclude_defaults=True)}
    job = http.post("/jobs", json=order).raise_for_status().json()["id"]

    def steps() -> bool:
        found = http.get(f"/jobs/{job}").json()
        return bool(found["step"]) and found["step"]["phase"] == "goal"

    until(steps)
    assert http.get(f"/jobs/{job}/result").status_code == 409
    assert http.delete(f"/jobs/{job}").json()["is_stopped"]
    until(lambda: http.get(f"/jobs/{job}").json()["state"] == "done")
    found = http.get(f"/jobs/{job}").json()
    assert found["status"] == "feasible"
    document = http.get(f"/jobs/{job}/result").json()
    assert sm.verify(hard, sm.Allocation(document["assignments"])) == ()


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Generate a client of what is stored; yield the name of its package."""
    if GENERATOR not in os.environ:
        pytest.skip(f"{GENERATOR} names no generator of clients: make whole")
    folder = tmp_path_factory.mktemp("client")
    (folder / "options.json").write_text('{"post_hooks": []}')
    program = "from openapi_python_client.cli import app; app()"
    command = [
        *(sys.executable, "-c", program, "generate", "--meta", "none"),
        *("--path", str(FOLDER / "openapi.json"), "--config", "options.json"),
        *("--output-path", "allocation_client", "--fail-on-warning"),
    ]
    path = {"PYTHONPATH": os.environ[GENERATOR]}
    subprocess.run(command, cwd=folder, check=True, env={**os.environ, **path})
    sys.path.insert(0, str(folder))
    yield "allocation_client"
    sys.path.remove(str(folder))


def test_a_generated_client_goes_all_the_way(
    client: str, http: httpx.Client, request: pytest.FixtureRequest
):
    def load(name: str) -> Any:
        return importlib.import_module(f"{client}.{name}")

    models = load("models")
    made = load("client").Client(str(http.base_url), raise_on_unexpected_status=True)
    service = made.__enter__()
    request.addfinalizer(lambda: made.__exit__(None, None, None))

    def call(name: str, *arguments: Any, **options: Any) -> Any:
        return load(f"api.default.{name}").sync(*arguments, client=service, **options)

    def wait(job: Any) -> Any:
        until(lambda: call("progress", job.id).state != "running")
        return call("progress", job.id)

    order = models.Order(instance=models.Instance.from_dict(DOCUMENT), seed=0)
    job = wait(call("solve", body=order))
    assert (job.state, job.status) == ("done", "optimal")
    assert job.step.phase == "done"
    draft = call("result", job.id).to_dict()
    assert draft["measures"]["served"] == job.served

    unmet = draft["unmet"][0]["need"]
    told = call("explanation", job.id, need=unmet)
    assert (told.about, told.id) == ("need", unmet)
    assert told.text == str(sm.explain(TOWN, sm.solve(TOWN), need=unmet))
    assert told.facts.to_dict()["reason"] == draft["unmet"][0]["reason"]
    page = http.get(f"/jobs/{job.id}/report", params={"lang": "zh"})
    assert page.text.startswith("<!DOCTYPE html>")
    assert page.headers["content-type"].startswith("text/html")

    first = draft["assignments"][0]
    pair = {"need": first["need"], "slot": first["slot"]}
    no = models.Reply(**pair, status=models.ReplyStatus.DECLINED)
    again = wait(call("answer", job.id, body=models.Replies(answers=[no])))
    assert (again.state, again.status) == ("done", "optimal")
    assert again.moved >= first["quantity"]
    revised = call("result", again.id).to_dict()
    pairs = [(a["need"], a["slot"]) for a in revised["assignments"]]
    assert tuple(pair.values()) not in pairs
    answers = [sm.Answer(pair["need"], pair["slot"], "declined")]
    revision = sm.season.resolve(TOWN, sm.solve(TOWN), answers)
    assert revised == json.loads(json.dumps(revision.result.to_dict()))

    stopped = call("cancel", job.id)  # what is done stays so
    assert (stopped.state, stopped.is_stopped) == ("done", True)
