"""An instance is a value: the same whatever it was made of, and whatever was asked."""

import copy
import json
import pickle
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter

import sharematch as sm
from sharematch.core.columns.encoding import encode
from sharematch.errors import InputError
from sharematch.io import read_instance, read_sql, write_instance, write_sql
from sharematch.io.native.files import instance_hash
from sharematch.model.base import Record
from sharematch.model.canonical import instance_data
from sharematch.model.records import COLLECTIONS
from sharematch.model.ways import Travel
from sharematch.model.windows import Window
from tests.model.test_from_tables import as_dict, split
from tests.strategies import instances

sqlalchemy = pytest.importorskip("sqlalchemy")


def by_records(instance: sm.Instance, _: Path) -> sm.Instance:
    return sm.Instance(**instance_data(instance))


def by_tables(instance: sm.Instance, _: Path) -> sm.Instance:
    rows, rest = split(instance)
    tables = {key: as_dict(value) for key, value in rows.items()}
    return sm.Instance.from_tables(**tables, **rest)


def by_json(instance: sm.Instance, folder: Path) -> sm.Instance:
    write_instance(instance, folder / "town.json")
    return read_instance(folder / "town.json")


def by_toml(instance: sm.Instance, folder: Path) -> sm.Instance:
    write_instance(instance, folder / "town.toml")
    return read_instance(folder / "town.toml")


def by_csv(instance: sm.Instance, folder: Path) -> sm.Instance:
    write_instance(instance, folder / "town")
    return read_instance(folder / "town")


def by_parquet(instance: sm.Instance, folder: Path) -> sm.Instance:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    (folder / "tables").mkdir(exist_ok=True)
    rows, _ = split(instance)
    for name, records in rows.items():
        text = {k: [*map(_text, v)] for k, v in as_dict(records).items()}
        parquet.write_table(arrow.table(text), folder / "tables" / f"{name}.parquet")
    (folder / "tables" / "instance.toml").write_text(
        'format = "sharematch-instance"\nversion = 1\nname = "old town"\n'
        '[travel]\nmetric = "plane"\n'
    )
    return read_instance(folder / "tables")


def _text(value: Any) -> Any:
    if not isinstance(value, list):
        return None if value is None else str(value)
    return ";".join(
        f"{x['start']}/{x['end']}" if isinstance(x, dict) else x for x in value
    )


def by_sql(instance: sm.Instance, _: Path) -> sm.Instance:
    rest = split(instance)[1]
    with sqlalchemy.create_engine("sqlite://").connect() as connection:
        write_sql(instance, connection)
        return read_sql(connection, **rest)


def by_validation(instance: sm.Instance, _: Path) -> sm.Instance:
    text = json.dumps(instance_data(instance))
    return TypeAdapter(sm.Instance).validate_json(text)


DOORS = (
    *(by_records, by_tables, by_json, by_toml, by_csv, by_parquet, by_sql),
    by_validation,
)


def town() -> sm.Instance:
    """Return a town with most kinds of fields, its records in the order of ids."""
    return sm.Instance(
        name="old town",
        travel=Travel(metric="plane"),
        communities=[
            sm.Community(id="lianqiao", location=(0.5, 1), tags={"old", "a", "b", "c"}),
            sm.Community(id="tianfeng", population=5300),
        ],
        facilities=[
            sm.Facility(
                id="station",
                community="tianfeng",
                opening_cost=100,
                closed=[("2026-03-02T12:00+01:00", "2026-03-02T13:00+01:00")],
            )
        ],
        slots=[
            sm.Slot(
                id=day,
                facility="station",
                kinds=["health/check", "health/care"],
                capacity=3,
                start=f"2026-03-0{date}T09:00+01:00",
                end=f"2026-03-0{date}T10:00+01:00",
                fee="0.50",
            )
            for day, date in (("mon", 2), ("tue", 3))
        ],
        needs=[
            sm.Need(id="l", community="lianqiao", kind="health", quantity=4),
            # The same time as of "u", written otherwise.
            sm.Need(
                id="t",
                community="tianfeng",
                kind="health",
                windows=[("2026-03-02T09:00+01:00", "2026-03-02T10:00+01:00")],
            ),
            sm.Need(
                id="u",
                community="tianfeng",
                kind="health/care",
                windows=[("2026-03-02T08:00Z", "2026-03-02T09:00Z")],
                max_travel="1.5",
                since="2026-01-01",
            ),
        ],
        links=[sm.Link(source="tianfeng", target="lianqiao", travel="0.8")],
        decisions=[sm.Decision(need="l", slot="tue", status="declined")],
    )


def nothing(_: sm.Instance) -> None:
    pass


def touch(instance: sm.Instance) -> None:
    assert instance.needs
    assert instance.slots


def solve(instance: sm.Instance) -> None:
    assert sm.solve(instance).is_optimal


BEFORE = (nothing, touch, solve)


@pytest.fixture(params=DOORS)
def door(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], sm.Instance]:
    return lambda: request.param(town(), tmp_path)


@pytest.mark.parametrize("before", BEFORE)
def test_all_doors_give_the_same_town(
    door: Callable[[], sm.Instance], before: Callable[[Any], None]
):
    expected, found = town(), door()
    before(found)
    assert found == expected
    assert hash(found) == hash(expected)
    assert instance_hash(found) == instance_hash(expected)
    assert repr(found) == repr(expected)
    assert dict(found) == dict(expected)


@pytest.mark.parametrize("before", BEFORE)
def test_all_doors_are_written_alike(
    door: Callable[[], sm.Instance], before: Callable[[Any], None]
):
    expected, found = town(), door()
    before(found)
    assert found.model_dump() == expected.model_dump()
    assert found.model_dump_json() == expected.model_dump_json()
    for option in ("exclude_defaults", "exclude_none", "exclude_unset"):
        only: Any = {option: True}
        text = found.model_dump_json(**only)
        assert text == expected.model_dump_json(**only)
        assert sm.Instance(**json.loads(text)) == expected
    some = {"needs": {0: {"id"}}}
    assert found.model_dump(include=some) == {"needs": ({"id": "l"},)}
    assert (
        TypeAdapter(sm.Instance).dump_json(found) == expected.model_dump_json().encode()
    )


@pytest.mark.parametrize("before", BEFORE)
def test_all_doors_are_copied_alike(
    door: Callable[[], sm.Instance], before: Callable[[Any], None]
):
    expected, found = town(), door()
    before(found)
    for again in (
        copy.copy(found),
        copy.deepcopy(found),
        pickle.loads(pickle.dumps(found)),
        found.model_copy(),
        found.model_copy(deep=True),
        found.replace(),
        sm.Instance(**dict(found)),
        sm.Instance.model_construct(**dict(found)),
        sm.Instance.model_validate(found),
        sm.Instance.model_validate(found.model_dump()),
        sm.Instance.model_validate_json(found.model_dump_json()),
    ):
        assert again == expected
        assert instance_hash(again) == instance_hash(expected)
        assert again.model_dump_json() == expected.model_dump_json()
        assert again.model_fields_set


@pytest.mark.parametrize("before", BEFORE)
def test_a_copy_with_a_change_is_another_town(
    door: Callable[[], sm.Instance], before: Callable[[Any], None]
):
    found: Any = door()
    before(found)
    fewer = found.needs[:1]
    for again in (
        found.model_copy(update={"needs": fewer}),
        found.model_copy(update={"needs": [*fewer]}, deep=True),
        found.replace(needs=fewer),
        copy.copy(found).__replace__(needs=fewer),
        found.copy(update={"needs": fewer}),
    ):
        assert [need.id for need in again.needs] == ["l"]
        assert again == sm.Instance(**{**dict(town()), "needs": fewer})
        assert again != found
        assert instance_hash(again) != instance_hash(found)
        assert len(json.loads(again.model_dump_json())["needs"]) == 1
        assert pickle.loads(pickle.dumps(again)) == again
        assert {a.need for a in sm.solve(again).allocation} == {"l"}
    assert found == town()


def test_a_body_and_its_answer_are_the_same_town(door: Callable[[], sm.Instance]):
    class Round(BaseModel):
        """As a web application takes and gives it."""

        round: int
        town: sm.Instance

    answered = Round(round=1, town=door())
    assert answered.town == town()
    assert Round.model_validate_json(answered.model_dump_json()) == answered
    assert (
        "needs"
        in Round.model_json_schema(mode="serialization")["$defs"]["Instance"][
            "properties"
        ]
    )


@given(instance=instances())
def test_any_town_is_the_same_through_each_door(instance: sm.Instance):
    # Files sort records, so all doors get sorted ones.
    expected = sm.Instance(**instance_data(instance))
    for found in (
        by_tables(instance, Path()),
        by_validation(instance, Path()),
        pickle.loads(pickle.dumps(instance.replace(**dict(expected)))),
        pickle.loads(pickle.dumps(by_tables(instance, Path()))),
        sm.Instance.model_validate_json(expected.model_dump_json()),
        sm.Instance(**expected.model_dump()),
    ):
        assert found == expected
        assert hash(found) == hash(expected)
        assert found.model_dump_json() == expected.model_dump_json()
        assert instance_hash(found) == instance_hash(instance)
        assert encode(found).digest == encode(found.replace()).digest


WRONG: tuple[tuple[str, str, dict[str, Any], str], ...] = (
    ("facilities", "station", {"opening_cost": -1}, "opening_cost -1"),
    ("facilities", "station", {"opening_cost": "0.001"}, "opening_cost 0.001"),
    ("facilities", "station", {"share": True}, "share True"),
    ("slots", "mon", {"capacity": "3"}, "capacity 3"),
    ("slots", "mon", {"capacity": 1.5}, "capacity 1.5"),
    ("slots", "mon", {"reserve": 9}, "reserve 9"),
    ("slots", "mon", {"end": None}, "end None"),
    ("slots", "mon", {"start": "noon"}, "start noon"),
    ("slots", "mon", {"kinds": []}, "kinds ()"),
    ("needs", "l", {"quantity": None}, "quantity None"),
    ("needs", "l", {"min_quantity": 9}, "min_quantity 9"),
    ("needs", "l", {"colour": "red"}, "colour red"),
    ("links", "tianfeng → lianqiao", {"travel": -1}, "travel -1"),
    ("decisions", "l → tue", {"status": "maybe"}, "status maybe"),
)


@pytest.mark.parametrize(("collection", "id_", "update", "words"), WRONG)
def test_a_copy_of_a_record_is_checked(
    collection: str, id_: str, update: dict[str, Any], words: str
):
    record = getattr(town(), collection)[0]
    label = type(record).label()
    for make in (
        lambda: record.model_copy(update=update),
        lambda: record.copy(update=update),
        lambda: record.__replace__(**update),
        lambda: type(record).model_construct(**{**dict(record), **update}),
        lambda: sm.Instance(
            **{**dict(town()), collection: [{**record.model_dump(), **update}]}
        ),
    ):
        with pytest.raises(InputError) as caught:
            make()
        assert f'{label} "{id_}": {words}: ' in str(caught.value)


def test_a_whole_number_stands_for_money():
    records: tuple[Any, ...] = (*town().facilities, *town().slots)
    for record in records:
        changed = record.model_copy(update={"opening_cost": 100000})
        assert str(changed.opening_cost) == "100000.00"
        assert changed.model_fields_set == {*record.model_fields_set, "opening_cost"}
    slots = [x.model_copy(update={"fee": 2, "unit_cost": 1.5}) for x in town().slots]
    result = sm.solve(town().replace(slots=slots))
    assert result.value("fees") == 2 * result.value("served")


def test_a_copy_of_a_policy_is_checked():
    policy = sm.Policy.fair()
    goals = policy.model_copy(update={"goals": [sm.Maximize("served")]}).goals
    assert goals == (sm.Maximize("served"),)
    with pytest.raises(InputError, match="policy: name 7: must be text"):
        policy.model_copy(update={"name": 7})
    with pytest.raises(InputError, match="bound x: must be a number"):
        sm.AtMost("cost", 5).model_copy(update={"bound": "x"})


@pytest.mark.parametrize(
    ("field", "term", "words"),
    [
        ("goals", {"op": "maximise", "measure": "served"}, "op maximise: must be 'max"),
        ("goals", {"op": "maximise", "measure": "served"}, "maximize?"),
        ("goals", {"measure": "served"}, "policy: goals.0.op: is missing"),
        ("rules", {"op": 3, "measure": "served"}, "rules.0.op 3: must be 'at_least'"),
        ("goals", sm.AtMost("served", 3), "policy: goals.0.op at_most: must be 'max"),
    ],
)
def test_a_term_says_what_it_is(field: str, term: Any, words: str):
    fields: dict[str, Any] = {field: [term]}
    with pytest.raises(InputError) as caught:
        sm.Policy(**fields)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("update", "words"),
    [
        ({"needs": [{"id": "n"}]}, 'need "n": community: is missing'),
        ({"communities": ()}, 'need "l": community lianqiao: is not among the'),
        ({"needs": 7}, "instance: needs: must be a list of records"),
        ({"name": 7}, "instance: name 7: must be text"),
        ({"travel": {"unit": "miles"}}, "travel: unit miles: must be"),
        ({"neds": ()}, "instance: neds: is not a known field"),
    ],
)
def test_a_copy_of_a_town_is_checked(
    door: Callable[[], sm.Instance], update: dict[str, Any], words: str
):
    ways: tuple[Callable[[], sm.Instance], ...] = (
        lambda: door().model_copy(update=update),
        lambda: door().replace(**update),
        lambda: sm.Instance.model_construct(**{**dict(town()), **update}),
    )
    for make in ways:
        with pytest.raises(InputError) as caught:
            make()
        assert words in str(caught.value)


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_records_of_tables_know_what_was_said(collection: str):
    """`exclude_unset` leaves out the same whether a record or a row said it."""
    for record in getattr(town(), collection):
        said = record.model_dump(exclude_unset=True, mode="json")
        flat = {k: v for k, v in said.items() if k != "location"}
        if "location" in said:
            flat["x"], flat["y"] = said["location"]
        frame = by_tables(town(), Path()).frames[collection]
        names = {row.id: row for row in frame.records if hasattr(row, "id")}
        if hasattr(record, "id"):
            assert names[record.id].model_fields_set == record.model_fields_set


def test_columns_are_made_once_and_kept_nowhere_in_the_town():
    first = town()
    columns = encode(first)
    assert encode(first) is columns
    assert encode(copy.copy(first)) is columns
    assert encode(first.replace()) is not columns
    assert set(vars(first)) <= set(sm.Instance.model_fields)


def test_columns_of_another_decision_are_those_of_anew():
    first = town()
    second = first.replace(decisions=())
    assert (
        encode(second, near=first).digest == encode(town().replace(decisions=())).digest
    )
    third = second.replace(needs=second.needs[:1])
    assert encode(third, near=first).need_ids == ("l",)
    fourth = first.replace(name="new town", decisions=())
    assert encode(fourth, near=first).name == "new town"


class OwnNeed(sm.Need):
    """A need that knows more than an instance does."""

    phone: str = ""


def test_what_a_record_of_another_class_says_beside_is_no_part_of_a_town():
    needs = [OwnNeed(**need.model_dump(), phone="0574") for need in town().needs]
    changed = town().replace(needs=needs)
    assert changed == town()
    assert pickle.loads(pickle.dumps(changed)) == changed
    assert changed.model_dump_json() == town().model_dump_json()


@given(data=st.data())
def test_equal_times_keep_how_they_are_written(data: st.DataObject):
    """Rows of equal instants in different zones are not merged to one text."""
    zones = data.draw(st.lists(st.integers(0, 5), min_size=1, max_size=5))
    times = [f"2026-03-02T{12 + z}:00+0{z}:00" for z in zones]
    ends = [f"2026-03-02T{13 + z}:00+0{z}:00" for z in zones]
    needs = [
        sm.Need(id=str(i), community="a", kind="k", windows=[(start, end)])
        for i, (start, end) in enumerate(zip(times, ends, strict=True))
    ]
    made = sm.Instance(communities=[sm.Community(id="a")], needs=needs)
    windows = [[Window(start=s, end=e)] for s, e in zip(times, ends, strict=True)]
    ids = [need.id for need in needs]
    cells = [tuple(each) for each in windows]
    by_objects = sm.Instance.from_tables(
        communities={"id": ["a"]},
        needs={"id": ids, "community": ["a"] * len(ids), "kind": ["k"] * len(ids)}
        | {"windows": cells},
    )
    for found in (by_objects, pickle.loads(pickle.dumps(by_objects))):
        assert found.model_dump_json() == made.model_dump_json()


LATE: dict[str, Any] = {"id": "s", "facility": "f", "kinds": ["k"], "capacity": 1}
NIGHT = ("2026-03-02T23:30+00:00", "2026-03-02T23:45+00:00")
SAME_NIGHT = ("2026-03-03T00:30+01:00", "2026-03-03T00:45+01:00")


def at_night(start: str, end: str) -> sm.Instance:
    return sm.Instance(
        communities=[sm.Community(id="a")],
        facilities=[sm.Facility(id="f", community="a")],
        slots=[sm.Slot(**LATE, start=start, end=end)],
    )


def test_towns_whose_days_differ_are_not_equal():
    one, other = at_night(*NIGHT), at_night(*SAME_NIGHT)
    assert one.slots[0].start == other.slots[0].start
    assert one != other
    assert one.slots != other.slots
    assert instance_hash(one) != instance_hash(other)
    first, second = (Window(start=s, end=e) for s, e in (NIGHT, SAME_NIGHT))
    assert first != second
    assert first == Window(start=NIGHT[0], end=NIGHT[1])
    assert hash(first) == hash(Window(start=NIGHT[0], end=NIGHT[1]))
    assert first != "first"
    assert len(dict.fromkeys([first, second, first])) == 2


def test_money_has_one_way_to_be_nothing():
    free = sm.Slot(id="s", facility="f", kinds=["k"], capacity=1, fee=Decimal("-0.00"))
    assert str(free.fee) == "0.00"


def limits(node: Any, path: str = "") -> list[str]:
    """Return where a schema uses a word that JSON Schema does not have."""
    if isinstance(node, list):
        return [x for i, each in enumerate(node) for x in limits(each, f"{path}/{i}")]
    if not isinstance(node, dict):
        return []
    foreign = {"ge", "gt", "le", "lt", "min_length", "max_length", "multiple_of"}
    own = [f"{path}/{key}" for key in node if key in foreign and key != "properties"]
    is_array = node.get("type") == "array"
    own += [f"{path}/minLength" for _ in [0] if is_array and "minLength" in node]
    return own + [x for k, v in node.items() for x in limits(v, f"{path}/{k}")]


@pytest.mark.parametrize("mode", ["validation", "serialization"])
@pytest.mark.parametrize(
    "record", [*COLLECTIONS.values(), Travel, Window, sm.Instance, sm.Policy]
)
def test_schemas_say_limits_in_their_own_words(record: type[Record], mode: Any):
    jsonschema = pytest.importorskip("jsonschema")
    schema = record.model_json_schema(mode=mode)
    assert limits(schema) == []
    jsonschema.Draft202012Validator.check_schema(schema)


def test_schemas_say_each_limit():
    slot = sm.Slot.model_json_schema()["properties"]
    assert slot["capacity"]["minimum"] == 0
    assert slot["fee"]["anyOf"][0]["minimum"] == 0
    assert slot["kinds"]["minItems"] == 1
    need = sm.Need.model_json_schema()["properties"]
    assert need["sessions"]["minimum"] == 1
    assert need["every"]["anyOf"][0]["minimum"] == 1
    speed = Travel.model_json_schema()["properties"]["speed"]["anyOf"][0]
    assert speed == {"type": "number", "exclusiveMinimum": 0}
