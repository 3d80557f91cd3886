"""What is written is read back, in every format, whatever the order it came in."""

import csv
import json
import shutil
from io import StringIO
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sharematch as sm
from sharematch import io
from sharematch.io.native.documents import json_text
from sharematch.io.native.plans import assignments_text
from sharematch.io.native.schemas import KINDS
from sharematch.model.canonical import (
    MONEY_FIELDS,
    instance_data,
    policy_data,
    record_data,
)
from sharematch.model.records import COLLECTIONS
from tests.halls import PLAN, halls
from tests.strategies import ANY_TEXT, instances, policies

# Files of one example take the place of those of the one before.
same_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def ordered(instance: sm.Instance) -> sm.Instance:
    """The instance with its records as files list them."""
    return sm.Instance(**instance_data(instance))


def shuffled(draw: Any, instance: sm.Instance) -> sm.Instance:
    fields = {
        name: draw(st.permutations(getattr(instance, name))) for name in COLLECTIONS
    }
    return instance.replace(**fields)


@pytest.mark.parametrize("name", ["town.json", "town.toml", "town"])
@same_folder
@given(instance=instances())
def test_instance(tmp_path: Path, name: str, instance: sm.Instance):
    path = tmp_path / name
    io.write_instance(instance, path)
    again = io.read_instance(path)
    assert again == ordered(instance)
    assert io.instance_hash(again) == io.instance_hash(instance)
    assert [item.name for item in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["town.json", "town.toml", "town"])
@same_folder
@given(instance=instances(text=ANY_TEXT))
def test_instance_with_any_text(tmp_path: Path, name: str, instance: sm.Instance):
    path = tmp_path / name
    if name == "town" and not fits_cells(instance):
        with pytest.raises(sm.SharematchError, match="cannot stand in a table"):
            io.write_instance(instance, path)
    else:
        io.write_instance(instance, path)
        assert io.read_instance(path) == ordered(instance)
        shutil.rmtree(path) if name == "town" else path.unlink()
    assert list(tmp_path.iterdir()) == []


@same_folder
@given(instance=instances(text=ANY_TEXT))
def test_parquet(tmp_path: Path, instance: sm.Instance):
    path = tmp_path / "town"
    try:
        io.write_parquet(instance, path)
    except sm.SharematchError as error:
        assert "cannot stand in a table" in str(error)  # noqa: PT017
        assert not path.exists()
        return
    again = io.read_instance(path)
    assert again == ordered(instance)
    shutil.rmtree(path)


FORMULAS = st.sampled_from(
    ["=1+1", "+1", "-1", "@x", "-x", "'=1", "''=1", "'x", "a;=b", "；=", "＝1", "='"]
)


@same_folder
@given(instance=instances(text=FORMULAS | ANY_TEXT))
def test_no_cell_of_a_table_is_taken_for_a_formula(
    tmp_path: Path, instance: sm.Instance
):
    path = tmp_path / "town"
    try:
        io.write_instance(instance, path)
    except sm.SharematchError:
        return
    for table in path.glob("*.csv"):
        for cell in cells_of(table.read_text("utf-8")):
            assert cell[:1] not in "=+-@＝＋－＠\t\r" or not cell or is_number(cell)
    assert io.read_instance(path) == ordered(instance)
    shutil.rmtree(path)


def cells_of(text: str) -> list[str]:
    """All cells, as a spreadsheet finds them that separates by commas or semicolons."""
    lines = StringIO(text, newline="")
    return [
        part for row in csv.reader(lines) for cell in row for part in cell.split(";")
    ]


def is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def test_a_plan_for_hand_out_holds_no_formulas():
    town = sm.Instance(
        communities=[sm.Community(id="@SUM(1)")],
        facilities=[sm.Facility(id="+1+1", community="@SUM(1)")],
        slots=[sm.Slot(id="=1+1", facility="+1+1", kinds=["-x"], capacity=1)],
        needs=[sm.Need(id="-n", community="@SUM(1)", kind="-x")],
    )
    plan = sm.Allocation([("=1+1", "-n", 1)])
    row = assignments_text(town, plan).splitlines()[1]
    assert row == "'=1+1,'-n,1,'+1+1,,,'@SUM(1),'-x"


def test_bookings_handed_out_say_their_parts(tmp_path: Path):
    text = assignments_text(halls(), PLAN)
    head, *rows = csv.reader(text.splitlines())
    assert head[-1] == "parts"
    assert [row[-1] for row in rows] == ["", "", "A", "A;B", "A", "B;C"]
    path = tmp_path / "plan.csv"
    path.write_text(text, encoding="utf-8")
    again = io.read_plan(path, halls())
    assert (again.slots, again.needs, again.starts) == (
        PLAN.slots,
        PLAN.needs,
        PLAN.starts,
    )
    assert again.ends == PLAN.ends
    assert again.units == PLAN.units


def fits_cells(instance: sm.Instance) -> bool:
    """Say whether every text stays the same in a cell, in lists also beside a ";"."""
    data = instance_data(instance)
    rows = [row for name in COLLECTIONS for row in data.get(name, ())]
    lists = ("tags", "choices", "groups", "features", "requires", "concessions")
    in_lists = [item for row in rows for name in lists for item in row.get(name, ())]
    texts = [value for row in rows for value in row.values() if isinstance(value, str)]
    return all(
        text.strip() == text and "\r" not in text for text in texts + in_lists
    ) and not any(";" in item for item in in_lists)


@pytest.mark.parametrize("name", ["policy.json", "policy.toml"])
@same_folder
@given(policy=policies())
def test_policy(tmp_path: Path, name: str, policy: sm.Policy):
    io.write_policy(policy, tmp_path / name)
    again = io.read_policy(tmp_path / name)
    assert again == policy
    assert io.policy_hash(again) == io.policy_hash(policy)


@given(instances(), st.data())
def test_hash_does_not_depend_on_order(instance: sm.Instance, data: st.DataObject):
    other = shuffled(data.draw, instance)
    assert io.instance_hash(other) == io.instance_hash(instance)
    assert instance_data(other) == instance_data(instance)


@given(instances())
def test_data_is_that_of_each_record(instance: sm.Instance):
    data = instance_data(instance)
    for name in COLLECTIONS:
        rows = [*map(record_data, getattr(instance, name))]
        told = data.get(name, [])
        assert sorted(map(repr, told)) == sorted(map(repr, rows))


@given(instances())
def test_hash_depends_on_content(instance: sm.Instance):
    other = instance.replace(name=instance.name + "!")
    assert io.instance_hash(other) != io.instance_hash(instance)


def test_hash_of_a_policy_depends_on_goals_in_order_and_rules_in_any():
    goals: list[Any] = [sm.Maximize("served"), sm.Minimize("cost")]
    rules: list[Any] = [sm.AtMost("cost", 5), sm.AtLeast("served", 1)]
    policy = sm.Policy(goals=goals, rules=rules)
    same = sm.Policy(goals=goals, rules=rules[::-1])
    other = sm.Policy(goals=goals[::-1], rules=rules)
    assert io.policy_hash(policy) == io.policy_hash(same)
    assert io.policy_hash(policy) != io.policy_hash(other)


def test_hash_does_not_depend_on_how_values_are_written():
    town = sm.Instance(communities=[sm.Community(id="a", tags={"y", "x"})])
    same = sm.Instance(communities=[sm.Community(id="a", tags=["x", "y"])])
    assert io.instance_hash(town) == io.instance_hash(same)
    other = sm.Instance(communities=[sm.Community(id="a", tags=["x", "z"])])
    assert io.instance_hash(town) != io.instance_hash(other)


@same_folder
@given(instance=instances(text=ANY_TEXT), policy=policies())
def test_documents_fit_their_schemas(
    tmp_path: Path, instance: sm.Instance, policy: sm.Policy
):
    io.write_instance(instance, tmp_path / "town.json")
    io.write_policy(policy, tmp_path / "policy.json")
    for name, schema in (("town", SCHEMAS["instance"]), ("policy", SCHEMAS["policy"])):
        document = json.loads((tmp_path / f"{name}.json").read_text("utf-8"))
        schema.validate(document)


SCHEMAS = {kind: jsonschema.Draft202012Validator(io.schema(kind)) for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_schema_is_a_schema(kind: Any):
    schema = io.schema(kind)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"https://sharematch.readthedocs.io/schema/{kind}-1.json"
    assert schema["required"][:2] == ["format", "version"]


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"format": "sharematch-instance", "version": 2},
        {"format": "sharematch-policy", "version": 1},
        {"format": "sharematch-instance", "version": 1, "neds": []},
        {"format": "sharematch-instance", "version": 1, "needs": [{"id": "n"}]},
        {"format": "sharematch-instance", "version": 1, "communities": [{"id": 7}]},
    ],
)
def test_schema_refuses(document: dict[str, Any]):
    assert not SCHEMAS["instance"].is_valid(document)


def test_schema_of_an_unknown_kind():
    with pytest.raises(sm.SharematchError, match="nothing: no such schema"):
        io.schema("nothing")  # type: ignore[arg-type]


def test_every_decimal_field_is_money_or_a_length():
    lengths = {"entitlement", "radius", "max_travel", "travel", "detour", "speed"}
    found = {
        name
        for record in COLLECTIONS.values()
        for name, field in record.model_fields.items()
        if "Decimal" in str(field.annotation)
    }
    assert found <= MONEY_FIELDS | lengths
    assert found >= MONEY_FIELDS


def test_policy_data_is_what_the_contract_shows():
    policy = sm.Policy(
        rules=[
            sm.AtMost("travel", "1/3", by="assignment", where={"group": ["b", "a"]})
        ],
        goals=[
            sm.Leximin("served", by=("community", "kind"), weights={("a", "b"): 0.5}),
            sm.Maximize("served", slack=0.02, where={"kind": "health"}),
        ],
    )
    assert policy_data(policy) == {
        "rules": [
            {
                "op": "at_most",
                "measure": "travel",
                "by": "assignment",
                "where": {"group": ["a", "b"]},
                "bound": "1/3",
            }
        ],
        "goals": [
            {
                "op": "leximin",
                "measure": "served",
                "by": ["community", "kind"],
                "weights": {"a | b": "0.5"},
            },
            {
                "op": "maximize",
                "measure": "served",
                "where": {"kind": "health"},
                "slack": "0.02",
            },
        ],
    }


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(st.sampled_from('a{}[],": \0\n\\é'), max_size=6),
    st.lists(st.sampled_from(["{", "}, {", "a"]), max_size=2),
    st.dictionaries(st.sampled_from("ab"), st.integers(), max_size=2),
)


@given(st.lists(st.dictionaries(st.sampled_from("ab{}"), VALUES, max_size=3)))
def test_json_has_each_record_on_a_line_of_its_own(rows: list[dict[str, Any]]):
    text = json_text({"rows": rows})
    assert json.loads(text) == {"rows": rows}
    each = [json.dumps(row, ensure_ascii=False) for row in rows]
    lines = "[\n  {}\n ]".format(",\n  ".join(each)) if rows else "[]"
    assert text == f'{{\n "rows": {lines}\n}}\n'
