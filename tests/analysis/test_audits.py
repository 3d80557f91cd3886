"""The audit finds what depends on names, order or splitting, and nothing else."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import sharematch as sm
from sharematch import io
from sharematch.analysis.audits.names import SPACES, with_other_names
from sharematch.cli import app
from sharematch.model.canonical import instance_data, policy_data
from sharematch.neutrality import audit
from tests.tiny import tiny_case

TOWN = sm.Instance(
    communities=[sm.Community(id="a"), sm.Community(id="b")],
    facilities=[sm.Facility(id="hall", community="a")],
    slots=[
        sm.Slot(id="mon", facility="hall", kinds=["x"], capacity=3),
        sm.Slot(id="tue", facility="hall", kinds=["x"], capacity=1),
    ],
    needs=[
        *(sm.Need(id=f"n{i}", community="a", kind="x", quantity=2) for i in range(3)),
        sm.Need(id="m", community="b", kind="x", quantity=2, choices=["mon"]),
    ],
)


NAMED = sm.Instance(
    areas=[
        sm.Area(id="haishu", level="district"),
        sm.Area(id="yuehu", level="subdistrict", parent="haishu"),
        sm.Area(id="gulou", level="subdistrict", parent="haishu"),
    ],
    communities=[
        sm.Community(id="tianfeng", area="yuehu", tags={"old"}),
        sm.Community(id="lianqiao", area="gulou", tags={"new"}),
    ],
    providers=[
        sm.Provider(id="clinic", sector="public"),
        sm.Provider(id="club", sector="volunteer"),
    ],
    facilities=[
        sm.Facility(
            id="hall",
            community="tianfeng",
            provider="clinic",
            features={"lift"},
            share="district",
        ),
        sm.Facility(
            id="annex", community="lianqiao", provider="club", features={"ramp"}
        ),
    ],
    slots=[
        sm.Slot(
            id="mon",
            facility="hall",
            kinds=["help/home", "talk"],
            capacity=3,
            either="room",
            groups={"frail", "young"},
        ),
        sm.Slot(id="tue", facility="annex", kinds=["talk"], capacity=2, either="shed"),
    ],
    needs=[
        sm.Need(
            id="x",
            community="tianfeng",
            kind="help/home",
            quantity=2,
            groups={"frail"},
            requires={"lift"},
            person="person 1",
            choices=["hall"],
        ),
        sm.Need(
            id="y",
            community="lianqiao",
            kind="talk",
            groups={"young"},
            person="person 2",
        ),
        sm.Need(id="v", community="lianqiao", kind="talk", together="team 1"),
        sm.Need(id="w", community="lianqiao", kind="talk", together="team 2"),
    ],
    pairs=[sm.Pair(need="x", slot="mon", cost=1)],
    links=[sm.Link(source="tianfeng", target="annex", travel=1)],
    past=[sm.Past(community="tianfeng", served=1, demand=2)],
    decisions=[sm.Decision(need="v", slot="mon", status="declined")],
)
"""A town with a name of every kind."""
NAMING = sm.Policy(
    rules=[
        sm.AtMost("tier", "district", by="assignment"),
        sm.AtMost("served", 9, where={"kind": "help", "tags": "old"}),
        sm.AtMost("used", 9, by=("facility", "week"), where={"provider": "clinic"}),
    ],
    goals=[
        sm.Leximin("served", by="community", weights={"tianfeng": 2, "lianqiao": 1}),
        sm.Maximize("served", where={"person": ["person 1", "person 2"]}),
        sm.Maximize("served", where={"group": "frail", "need": "x", "area": "haishu"}),
        sm.Minimize("travel"),
    ],
)


NAMES = (
    *("haishu", "yuehu", "gulou", "district", "subdistrict", "tianfeng", "lianqiao"),
    *("old", "new", "clinic", "club", "hall", "annex", "lift", "ramp", "mon", "tue"),
    *("help/home", "help", "talk", "room", "shed", "frail", "young", "x", "y", "v"),
    *("w", "person 1", "person 2", "team 1", "team 2"),
)
"""All of them."""
BORNE_BY = {
    "area": ("areas", "id"),
    "level": ("areas", "level"),
    "community": ("communities", "id"),
    "tags": ("communities", "tags"),
    "provider": ("providers", "id"),
    "facility": ("facilities", "id"),
    "feature": ("facilities", "features"),
    "slot": ("slots", "id"),
    "either": ("slots", "either"),
    "need": ("needs", "id"),
    "group": ("needs", "groups"),
    "kind": ("needs", "kind"),
    "person": ("needs", "person"),
    "together": ("needs", "together"),
}


def first_by_name(space: str, instance: sm.Instance) -> int:
    """Return which record bears the name that comes first."""
    collection, field = BORNE_BY[space]
    found = []
    for position, record in enumerate(getattr(instance, collection)):
        value = getattr(record, field)
        names = (value,) if isinstance(value, str) else value or ()
        found += [(name, position) for name in names]
    return min(found)[1]


def swayed(sign: Callable[[sm.Instance], Any]) -> Callable[..., sm.Result]:
    """Return a solver that serves nobody unless a sign is as in `NAMED` or `TOWN`."""
    usual: list[Any] = []

    def solve(instance: sm.Instance, policy: sm.Policy, *, seed: int) -> sm.Result:
        result = sm.solve(instance, policy, seed=seed)
        usual.append(sign(instance))
        if usual[0] == usual[-1]:
            return result
        return replace(result, allocation=sm.Allocation([]))

    return solve


def by_name(instance: sm.Instance, policy: sm.Policy, *, seed: int) -> sm.Result:
    """Serve needs in the order of their names: not neutral."""
    first = min(need.id for need in instance.needs)
    goals = [sm.Maximize("served", where={"need": first}), sm.Maximize("served")]
    plan = sm.solve(instance, sm.Policy(goals=goals), seed=seed).allocation
    return replace(sm.solve(instance, policy, seed=seed), allocation=plan)


def test_the_library_is_neutral():
    found = audit(TOWN)
    assert found.is_neutral
    assert {c.change: c.verdict for c in found.changes}["shuffle"] == "same"
    assert all(not change.goals for change in found.changes)


@pytest.mark.parametrize("first", range(0, 40, 20))
def test_random_towns_are_decided_neutrally(first: int):
    for seed in range(first, first + 20):
        fields, policy = tiny_case(seed)
        found = audit(sm.Instance(**fields), sm.Policy(**policy))
        assert found.is_neutral, (seed, found.to_dict())


def test_names_that_decide_are_found():
    found = audit(TOWN, solve=by_name)
    verdicts = {change.change: change.verdict for change in found.changes}
    assert verdicts["rename"] == "unexplained"
    assert not found.is_neutral


def test_all_names_are_others_and_mean_the_same():
    found = audit(NAMED, NAMING)
    assert found.is_neutral, found.to_dict()
    other, policy, old = with_other_names(NAMED, NAMING)
    text = json.dumps([instance_data(other), policy_data(policy)])
    for name in NAMES:
        assert f'"{name}"' not in text, name
    assert {old(need.id, "")[0] for need in other.needs} == {"v", "w", "x", "y"}


@pytest.mark.parametrize("space", SPACES)
def test_a_solver_that_looks_at_one_kind_of_name_is_found(space: str):
    found = audit(NAMED, NAMING, solve=swayed(partial(first_by_name, space)))
    assert found.changes[0].verdict == "unexplained"
    assert space in found.changes[0].names
    assert found.to_dict()["changes"][0]["names"] == [*found.changes[0].names]


@pytest.mark.parametrize(
    ("change", "sign"),
    [
        ("shuffle", lambda town: town.needs[0].community),
        ("split", lambda town: max(need.quantity for need in town.needs)),
        ("merge", lambda town: len(town.needs) >= 4),
        ("irrelevant", lambda town: len(town.communities)),
        ("choices of m", lambda town: max(len(need.choices) for need in town.needs)),
    ],
)
def test_a_solver_that_looks_at_what_should_not_matter_is_found(
    change: str, sign: Callable[[sm.Instance], Any]
):
    found = audit(TOWN, solve=swayed(sign))
    verdicts = {change.change: change.verdict for change in found.changes}
    assert verdicts[change] == "unexplained"
    assert audit(TOWN).is_neutral


def test_from_files(tmp_path: Path):
    io.write_instance(TOWN, tmp_path / "town.json")
    done = CliRunner().invoke(app, ["audit", str(tmp_path / "town.json"), "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["neutral"] is True
    words = ["audit", str(tmp_path / "town.json"), "--lang", "zh"]
    assert "中立" in CliRunner().invoke(app, words).stdout
