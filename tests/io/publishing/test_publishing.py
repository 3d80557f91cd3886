"""What is published proves the plan, and tells nothing that the policy does not use."""

import copy
import csv
import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

import sharematch as sm
from sharematch import io
from sharematch.claims import check_claims
from sharematch.cli import app
from sharematch.core.columns.arrays import Columns
from sharematch.publication import (
    Publication,
    columns_of,
    name_in_public,
    publish,
)
from tests.tiny import tiny_case
from tests.tiny_coupled import tiny_coupled_case

KEY = b"a secret of this office"
SCHEMA = Draft202012Validator(io.schema("published"))
RESULTS = Draft202012Validator(io.schema("result"))


def solved(seed: int, *goals: sm.Minimize) -> tuple[sm.Instance, sm.Result] | None:
    """Return a plan; every third couples, some look back at an earlier plan.

    Further goals come last.
    """
    baseline = None
    if seed % 3 == 2:
        fields, policy, rows = tiny_coupled_case(seed)
        baseline = None if rows is None else sm.Allocation(rows)
    else:
        fields, policy = tiny_case(seed)
    instance = sm.Instance(**fields)
    asked = sm.Policy(**policy)
    if goals:
        asked = asked.model_copy(update={"goals": (*asked.goals, *goals)})
    result = sm.solve(instance, asked, baseline=baseline)
    return (instance, result) if result.status == "optimal" else None


def read(found: Publication) -> tuple[Columns, sm.Result]:
    """Return what anybody makes of the files."""
    columns = columns_of(json.loads(json.dumps(found.instance)))
    document = json.loads(json.dumps(found.result))
    return columns, sm.Result.from_dict(document, columns)


@pytest.mark.parametrize("first", range(0, 120, 30))
def test_what_is_published_holds(first: int):
    seen: Counter[str] = Counter()
    for seed in range(first, first + 30):
        found = solved(seed)
        if found is None:
            continue
        instance, result = found
        published = publish(instance, result, KEY, distance_band=1)
        SCHEMA.validate(json.loads(json.dumps(published.instance)))
        RESULTS.validate(json.loads(json.dumps(published.result)))
        columns, shown = read(published)
        assert check_claims(columns, shown) == (), seed
        assert [g.value for g in shown.goals] == [g.value for g in result.goals]
        ours = [v.code for v in sm.check_certificate(instance, result)]
        theirs = [v.code for v in sm.check_certificate(columns, shown)]
        assert ours == theirs, seed
        assert shown.status == result.status
        seen[result.structure] += 1
    assert seen["network"] >= 10
    assert seen["coupled"] >= 3


def test_what_is_published_in_bands_holds():
    seen: Counter[str] = Counter()
    for seed in range(100):
        found = solved(seed, sm.Minimize("travel"))
        if found is None:
            continue
        instance, result = found
        published = publish(instance, result, KEY, distance_band=700)
        SCHEMA.validate(json.loads(json.dumps(published.instance)))
        RESULTS.validate(json.loads(json.dumps(published.result)))
        columns, shown = read(published)
        assert check_claims(columns, shown) == (), seed
        left_out = shown.provenance.get("left_out", ())
        assert (shown.status == "optimal") == (not left_out), seed
        counts = Counter("rule" if "rule" in term else "goal" for term in left_out)
        assert len(shown.goals) == len(result.goals) - counts["goal"]
        assert len(shown.policy.rules) == len(result.policy.rules) - counts["rule"]
        for goal, ours in zip(shown.goals, result.goals, strict=False):
            if goal.measure != "travel":
                assert (goal.value, goal.bound) == (ours.value, ours.bound)
        if (result.certificate or {}).get("kind") == "prices" and not counts["rule"]:
            assert sm.check_certificate(columns, shown) == (), seed
        seen["left out"] += bool(left_out)
        seen["restated"] += any(
            goal.measure == "travel" and goal.value != ours.value
            for goal, ours in zip(shown.goals, result.goals, strict=False)
        )
    assert seen["left out"] >= 5, seen
    assert seen["restated"] >= 5, seen


def false(document: Any, rng: random.Random) -> tuple[str, Any]:
    """Return a published result with one thing changed, and what."""
    claim = copy.deepcopy(document)
    what = rng.choice(["quantity", "dropped", "moved", "value"])
    rows = claim["assignments"]
    if what == "value" or not rows:
        goal = rng.choice(claim["goals"])
        goal["value"] = (
            [*goal["value"][1:], "7/3"] if isinstance(goal["value"], list) else 10**6
        )
    elif what == "quantity":
        rng.choice(rows)["quantity"] += 1
    elif what == "dropped":
        rows.remove(rng.choice(rows))
    else:
        rng.choice(rows)["slot"] = name_in_public("nowhere")
    return what, claim


def test_manipulated_plans_and_values_are_refused():
    rng = random.Random(1)
    seen: Counter[str] = Counter()
    for seed in range(60):
        found = solved(seed)
        if found is None or not found[1].goals:
            continue
        published = publish(*found, KEY)
        columns = columns_of(published.instance)
        what, claim = false(published.result, rng)
        seen[what] += 1
        try:
            findings = check_claims(columns, sm.Result.from_dict(claim, columns))
        except sm.SharematchError:
            continue
        assert findings, (seed, what)
    assert min(seen[x] for x in ("quantity", "dropped", "moved", "value")) >= 3


SECRET = "Zhongshan"


def town() -> sm.Instance:
    """Return a town in which every name and text bears one word."""
    return sm.Instance(
        name=f"{SECRET} town",
        areas=[sm.Area(id=f"{SECRET}-area", level=f"{SECRET}-level")],
        communities=[
            sm.Community(
                id=f"{SECRET}-{name}",
                area=f"{SECRET}-area",
                location=(7.1234, 8.5678),
                population=4321,
                tags={f"{SECRET}-tag"},
            )
            for name in "ab"
        ],
        providers=[sm.Provider(id=f"{SECRET}-host", sector="host")],
        facilities=[
            sm.Facility(
                id=f"{SECRET}-hall",
                community=f"{SECRET}-a",
                provider=f"{SECRET}-host",
                location=(7.1, 8.5),
                features={f"{SECRET}-lift"},
            )
        ],
        slots=[
            sm.Slot(
                id=f"{SECRET}-mon",
                facility=f"{SECRET}-hall",
                kinds=[f"{SECRET}-kind"],
                capacity=3,
                fee="7.77",
                start="2026-02-03T18:00",
                end="2026-02-03T19:00",
                groups={"elderly", f"{SECRET}-group"},
            )
        ],
        needs=[
            sm.Need(
                id=f"{SECRET}-{name}{i}",
                community=f"{SECRET}-{name}",
                kind=f"{SECRET}-kind",
                quantity=2,
                groups={"elderly", f"{SECRET}-group"},
                requires={f"{SECRET}-lift"},
                since="2026-01-09",
                max_fee=9,
                max_travel=77,
                choices=[f"{SECRET}-mon"],
            )
            for name in "ab"
            for i in range(2)
        ],
    )


POLICIES = {
    "fair": sm.Policy.fair(),
    "named": sm.Policy(
        rules=[sm.AtMost("served", 2, where={"community": f"{SECRET}-a"})],
        goals=[
            sm.Maximize("served", where={"group": "elderly"}),
            sm.Leximin("served", by="community", weights={f"{SECRET}-b": 2}),
            sm.Minimize("fees"),
        ],
    ),
    "places": sm.Policy(
        rules=[sm.AtMost("tier", f"{SECRET}-level", by="assignment")],
        goals=[sm.Leximin("fill_rate", by=("area", "kind")), sm.Minimize("wait")],
    ),
}


@pytest.mark.parametrize("name", POLICIES)
def test_nothing_else_is_told(name: str):
    policy = POLICIES[name]
    result = sm.solve(town(), policy)
    assert result.status == "optimal"
    found = publish(town(), result, KEY)
    SCHEMA.validate(found.instance)
    columns, shown = read(found)
    assert check_claims(columns, shown) == ()
    text = json.dumps([found.instance, found.result])
    told = [f"{SECRET}-level"] if name == "places" else []
    for word in told:
        text = text.replace(word, "")
    assert SECRET not in text
    assert not any(x in text for x in ("8.5", "7.1", "4321", "2026-0", "77.0"))
    assert ("elderly" in text) == (name == "named")
    assert ("7.77" in text) == (name == "named")


def test_who_has_a_token_finds_the_own_line():
    result = sm.solve(town())
    found = publish(town(), result, KEY)
    own = name_in_public(found.tokens[f"{SECRET}-a0"])
    (row,) = [need for need in found.instance["needs"] if need["id"] == own]
    assert row["quantity"] == 2
    served = {a.need: a.quantity for a in result.allocation}
    shown = [a for a in found.result["assignments"] if a["need"] == own]
    assert sum(a["quantity"] for a in shown) == served.get(f"{SECRET}-a0", 0)
    assert not any(token in json.dumps(found.result) for token in found.tokens.values())
    other = publish(town(), result, b"another secret of it")
    assert {n["id"] for n in other.instance["needs"]}.isdisjoint(
        n["id"] for n in found.instance["needs"]
    )


def test_what_cannot_be_published():
    with pytest.raises(sm.SharematchError, match="too short"):
        publish(town(), sm.solve(town()), b"short")
    policy = sm.Policy(rules=[sm.AtLeast("served", 100)])
    with pytest.raises(sm.SharematchError, match="no plan"):
        publish(town(), sm.solve(town(), policy), KEY)


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"format": "sharematch-instance", "version": 1, "arcs": []},
        {"format": "sharematch-published", "version": 1, "arcs": [{"need": "x"}]},
        {"format": "sharematch-published", "version": 1, "arcs": 4},
        {"format": "sharematch-published", "version": 2, "arcs": []},
    ],
)
def test_what_is_not_published(document: Any):
    with pytest.raises(sm.SharematchError, match="published"):
        columns_of(document)
    assert not SCHEMA.is_valid(document)


def run(*arguments: object) -> Any:
    return CliRunner().invoke(app, [*map(str, arguments)])


def test_from_files(tmp_path: Path):
    io.write_instance(town(), tmp_path / "town.json")
    io.write_result(sm.solve(town()), tmp_path / "r.json")
    made = tmp_path / "public"
    tokens = tmp_path / "tokens.csv"
    done = run(
        *("publish", tmp_path / "town.json", tmp_path / "r.json"),
        *("--out", made, "--tokens", tokens),
    )
    assert done.exit_code == 0, done.output
    assert {path.name for path in made.iterdir()} == {"instance.json", "result.json"}
    assert (tmp_path / "public.key").stat().st_mode & 0o077 == 0
    with tokens.open(newline="") as file:
        rows = {row["need"]: row["token"] for row in csv.DictReader(file)}
    files = made / "instance.json", made / "result.json"
    done = run("verify", *files, "--token", rows[f"{SECRET}-b1"], "--json")
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    assert answer["valid"]
    assert answer["own"]["asked"] == 2
    assert (
        "申请 2"
        in run("verify", *files, "--token", rows[f"{SECRET}-b1"], "--lang", "zh").stdout
    )
    assert run("verify", *files, "--token", "nobody").exit_code == 1
    again = run(
        *("publish", tmp_path / "town.json", tmp_path / "r.json"),
        *("--out", tmp_path / "again", "--key", tmp_path / "public.key"),
    )
    assert again.exit_code == 0
    for path in made.iterdir():
        assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes()
    inside = ("--out", tmp_path / "new", "--key", tmp_path / "new" / "key")
    done = run("publish", tmp_path / "town.json", tmp_path / "r.json", *inside)
    assert done.exit_code == 1
    text = files[1].read_text().replace('"quantity": 2', '"quantity": 1', 1)
    files[1].write_text(text)
    assert run("verify", *files).exit_code == 1


def test_bands_are_chosen_and_what_is_left_out_is_said(tmp_path: Path):
    near = sm.Instance(
        communities=[sm.Community(id="tianfeng")],
        facilities=[
            sm.Facility(id=f, community="tianfeng", location=(x, 0))
            for f, x in (("station", -0.2), ("school", 0.21))
        ],
        slots=[
            sm.Slot(id=f, facility=f, kinds=["health"], capacity=1)
            for f in ("station", "school")
        ],
        needs=[sm.Need(id="t", community="tianfeng", kind="health", location=(0, 0))],
        travel={"metric": "plane"},
    )
    io.write_instance(near, tmp_path / "town.json")
    io.write_result(sm.solve(near), tmp_path / "r.json")
    command = "publish", tmp_path / "town.json", tmp_path / "r.json", "--out"
    done = run(*command, tmp_path / "none", "--distance-band", 0)
    assert done.exit_code == 1
    assert "distance_band 0: must be from 1 to 40000000" in done.stderr
    exact = run(*command, tmp_path / "exact", "--distance-band", 1)
    assert "Left out" not in exact.stderr
    done = run(*command, tmp_path / "bands", "--lang", "zh")
    assert "未公布，因距离分档后无法证明" in done.stderr
    for name, proved in (("exact", True), ("bands", False)):
        files = tmp_path / name / "instance.json", tmp_path / name / "result.json"
        answer = run("verify", *files, "--json")
        assert answer.exit_code == 0
        assert json.loads(answer.stdout)["proved"] is proved
    told = run("verify", *files).stdout
    assert "goal 3: is not published, and so not proved" in told
