"""Whatever is in a file, there is one clear error that names the place, or none."""

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sharematch as sm
from sharematch import io
from sharematch.errors import InputError
from sharematch.model.windows import Window

HEAD = '{"format": "sharematch-instance", "version": 1'
TOWN: dict[str, Any] = {
    "format": "sharematch-instance",
    "version": 1,
    "communities": [{"id": "a"}],
    "facilities": [{"id": "f", "community": "a"}],
    "slots": [{"id": "s", "facility": "f", "kinds": ["h"], "capacity": 3}],
    "needs": [{"id": "n", "community": "a", "kind": "h"}],
}


def read_text(folder: Path, name: str, text: str | bytes) -> str:
    """Return the message of the error that reading a file of this content raises."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    read = io.read_policy if "policy" in name else io.read_instance
    with pytest.raises(InputError) as caught:
        read(path)
    assert caught.value.problems
    return str(caught.value)


DOCUMENTS: dict[str, tuple[str, str | bytes, list[str]]] = {
    "empty": ("t.json", "", ["t.json", "line 1"]),
    "no json": ("t.json", "id,level", ["t.json", "line 1, column 1"]),
    "cut off": ("t.json", HEAD, ["line 1", "delimiter"]),
    "list": ("t.json", "[]", ["t.json", "one object"]),
    "number": ("t.json", "7", ["one object"]),
    "null": ("t.json", "null", ["one object"]),
    "no format": ("t.json", '{"needs": []}', ["format", "add", "sharematch-instance"]),
    "no version": ("t.json", '{"format": "sharematch-instance"}', ["version", "add"]),
    "new version": ("t.json", HEAD[:-1] + "2}", ["version 2"]),
    "true version": ("t.json", HEAD[:-1] + "true}", ["version True"]),
    "other format": (
        "t.json",
        '{"format": "sharematch-policy"}',
        ["sharematch-policy"],
    ),
    "format of a type": ("t.json", '{"format": [1]}', ["format", "[1]"]),
    "twice": ("t.json", HEAD + ', "name": "a", "name": "b"}', ['"name"', "twice"]),
    "twice inside": (
        "t.json",
        HEAD + ', "needs": [{"id": "a", "id": "b"}]}',
        ['"id"', "twice"],
    ),
    "NaN": ("t.json", HEAD + ', "needs": [{"id": NaN}]}', ["NaN"]),
    "infinity": ("t.json", HEAD + ', "needs": [-Infinity]}', ["-Infinity"]),
    "deep list": ("t.json", "[" * 100_000, ["t.json", "nested"]),
    "deep object": ("t.json", '{"a":' * 100_000, ["nested"]),
    "deep field": (
        "t.json",
        HEAD + ', "communities": [{"id": ' + "[" * 900 + "]" * 900 + "}]}",
        ["t.json"],
    ),
    "long integer": (
        "t.json",
        HEAD + f', "communities": [{{"id": "a", "population": {"9" * 10**6}}}]}}',
        ['community "a"', "population", "digits"],
    ),
    "long decimal": (
        "t.json",
        HEAD + f', "communities": [{{"id": "a", "entitlement": 0.{"1" * 10**6}}}]}}',
        ['community "a"', "entitlement", "digits"],
    ),
    "huge power": (
        "t.json",
        HEAD + ', "communities": [{"id": "a", "entitlement": 1e999999999}]}',
        ["entitlement", "1E+999999999", "out of range"],
    ),
    "huge exponent": (
        "t.json",
        HEAD + f', "communities": [{{"id": "a", "entitlement": 1e{"9" * 99}}}]}}',
        ["t.json", "too many digits"],
    ),
    "huge exponent in TOML": ("t.toml", f"a = 1e{'9' * 99}", ["t.toml", "digits"]),
    "huge name": (
        "t.json",
        HEAD + f', "name": {"1" * 5000}}}',
        ["name", "must be text"],
    ),
    "UTF-16": ("t.json", json.dumps(TOWN).encode("utf-16"), ["t.json", "UTF-8"]),
    "GBK": ("t.json", '{"name": "联桥"}'.encode("gbk"), ["UTF-8", "byte"]),
    "NUL": ("t.json", b"\x00\x00", ["t.json"]),
    "lone surrogate": (
        "t.json",
        HEAD + ', "communities": [{"id": "\\ud800"}]}',
        ["t.json", "half a character", "\\ud800"],
    ),
    "unknown field": ("t.json", HEAD + ', "neds": []}', ["neds", "Maybe needs?"]),
    "self": ("t.json", HEAD + ', "self": 1}', ["self", "not a known field"]),
    "records as object": ("t.json", HEAD + ', "needs": {}}', ["needs", "list"]),
    "records as text": ("t.json", HEAD + ', "needs": "n"}', ["needs", "list"]),
    "record as text": ("t.json", HEAD + ', "needs": ["n"]}', ["number 1", "record"]),
    "record as null": ("t.json", HEAD + ', "needs": [null]}', ["number 1", "record"]),
    "travel as text": ("t.json", HEAD + ', "travel": "km"}', ["travel", "km"]),
    "bad TOML": ("t.toml", "a = ", ["t.toml", "Invalid value"]),
    "TOML twice": ("t.toml", "a = 1\na = 2\nb = 1", ["t.toml", "line 2"]),
    "TOML infinity": (
        "t.toml",
        'format = "sharematch-instance"\nversion = 1\n'
        '[[communities]]\nid = "a"\nentitlement = inf',
        ['community "a"', "entitlement", "finite"],
    ),
    "TOML long integer": ("t.toml", f"a = {'1' * 10**5}", ["t.toml", "digits"]),
    "deep TOML": ("t.toml", "a = " + "[" * 100_000, ["t.toml", "nested"]),
    "TOML time": (
        "t.toml",
        'format = "sharematch-instance"\nversion = 1\nname = 07:32:00',
        ["name", "must be text"],
    ),
    "suffix": ("t.xml", "<a/>", ["t.xml", ".xml", "Maybe", "t.json"]),
    "no suffix": ("town", "{}", ["no suffix", "town.json"]),
    "policy rule": (
        "policy.json",
        '{"format": "sharematch-policy", "version": 1, "rules": [{"op": "x"}]}',
        ["policy.json", "rules.0", "at_most"],
    ),
    "policy measure": (
        "policy.toml",
        'format = "sharematch-policy"\nversion = 1\n'
        '[[goals]]\nop = "maximize"\nmeasure = "servd"',
        ["policy.toml", "goals.0", "servd", "Maybe served?"],
    ),
    "policy of an instance": ("policy.json", HEAD + "}", ["sharematch-instance"]),
    "policy goals as text": (
        "policy.json",
        '{"format": "sharematch-policy", "version": 1, "goals": "served"}',
        ["goals", "served"],
    ),
}


@pytest.mark.parametrize("case", DOCUMENTS)
def test_document(tmp_path: Path, case: str):
    name, text, expected = DOCUMENTS[case]
    message = read_text(tmp_path, name, text)
    for part in expected:
        assert part in message
    assert len(message) < 1000


FIELDS: list[tuple[str, str, Any, str]] = [
    ("needs", "quantity", -1, "must not be negative"),
    ("needs", "quantity", 2**63, "must not be beyond"),
    ("needs", "quantity", 1.5, "whole number"),
    ("needs", "quantity", "3", "whole number"),
    ("needs", "quantity", True, "whole number"),
    ("needs", "quantity", None, "whole number"),
    ("needs", "quantity", [], "whole number"),
    ("needs", "sessions", 0, "at least 1"),
    ("needs", "kind", "", "path"),
    ("needs", "kind", "/h", "path"),
    ("needs", "kind", 3, "must be text"),
    ("needs", "community", "aa", "Maybe a?"),
    ("needs", "groups", "elderly", "must be a list"),
    ("needs", "groups", [1], "must be text"),
    ("needs", "groups", [""], "must not be empty"),
    ("needs", "windows", [["2026-01-02T08:00"]], "windows"),
    ("needs", "windows", [["2026-01-02T08:00", "2026-01-01T08:00"]], "before start"),
    ("needs", "choices", ["zzz"], "zzz"),
    ("needs", "whole", "yes", "true or false"),
    ("needs", "since", "yesterday", "must be a date"),
    ("needs", "location", [1], "two numbers"),
    ("needs", "location", [500, 0], "longitude"),
    ("needs", "min_quantity", 9, "above quantity"),
    ("needs", "max_fee", "1.234", "two decimal places"),
    ("slots", "capacity", {}, "whole number"),
    ("slots", "reserve", 4, "above capacity 3"),
    ("slots", "end", "2026-01-01T08:00", "start None: is missing"),
    ("slots", "fee", "free", "must be a number"),
    ("slots", "kinds", [], "must not be empty"),
    ("slots", "facility", "g", "not among the facilities"),
    ("facilities", "share", "county", "no tier"),
    ("facilities", "colour", "red", "not a known field"),
]


@pytest.mark.parametrize(("collection", "field", "value", "expected"), FIELDS)
def test_field(
    tmp_path: Path, collection: str, field: str, value: object, expected: str
):
    town = json.loads(json.dumps(TOWN))
    town[collection][0][field] = value
    message = read_text(tmp_path, "town.json", json.dumps(town))
    assert expected in message
    assert f'"{town[collection][0]["id"]}": ' in message
    assert field in message
    assert "town.json" in message


def test_all_problems_are_listed(tmp_path: Path):
    town = json.loads(json.dumps(TOWN))
    town["needs"] = [{"id": f"n{i}", "community": "x", "kind": 1} for i in range(5)]
    town["needs"].append({"id": "m", "community": "x", "kind": "h"})
    message = read_text(tmp_path, "town.json", json.dumps(town))
    assert all(f'need "n{i}"' in message for i in range(5))
    assert 'need "m": community x' in message


def test_records_that_are_all_missing_are_told_once(tmp_path: Path):
    town = json.loads(json.dumps(TOWN))
    slot = town["slots"][0]
    town["slots"] = [slot | {"id": f"s{number}"} for number in range(20)]
    del town["facilities"]
    message = read_text(tmp_path, "town.json", json.dumps(town))
    assert message.count("among the facilities: there are none") == 1
    assert '"s0": facility f' in message
    assert "20 slots name one" in message
    assert "facilities.csv" in message


def test_byte_order_mark_is_accepted(tmp_path: Path):
    (tmp_path / "t.json").write_text(json.dumps(TOWN), "utf-8-sig")
    assert io.read_instance(tmp_path / "t.json").needs[0].id == "n"


def test_missing_file(tmp_path: Path):
    for name in ("t.json", "town", "no/such/t.json", "t\0.json", "x" * 300):
        for read in (io.read_instance, io.read_policy):
            with pytest.raises(InputError):
                read(tmp_path / name)
    with pytest.raises(InputError, match=r"t\.json.*No such file"):
        io.read_instance(tmp_path / "t.json")


def test_policy_from_a_folder(tmp_path: Path):
    with pytest.raises(InputError, match="is a folder"):
        io.read_policy(tmp_path)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read all")
def test_file_without_permission(tmp_path: Path):
    path = tmp_path / "t.json"
    path.write_text("{}")
    path.chmod(0)
    with pytest.raises(InputError, match=r"t\.json: Permission denied"):
        io.read_instance(path)


TABLES = {
    "communities.csv": "id\na\n",
    "facilities.csv": "id,community\nf,a\n",
    "slots.csv": "id,facility,kinds,capacity\ns,f,h;g/x,3\n",
    "needs.csv": "id,community,kind\nn,a,h\n",
}

BAD_TABLES: dict[str, tuple[str, str | bytes, list[str]]] = {
    "empty": ("needs.csv", "", ["needs.csv", "is empty", "first row"]),
    "blank": ("needs.csv", "\n , \n", ["needs.csv", "is empty"]),
    "column missing": ("needs.csv", "id,community\nn,a", ['"kind"', "is missing"]),
    "column unknown": (
        "needs.csv",
        "id,community,kind,quantitty\nn,a,h,1",
        ["needs.csv", "quantitty", "Maybe quantity?"],
    ),
    "column twice": ("needs.csv", "id,community,kind,kind\n", ['"kind"', "twice"]),
    "bars": ("needs.csv", "id|community|kind\nn|a|h", ["separate", "commas"]),
    "cells too many": (
        "needs.csv",
        "id,community,kind\nm,a,h\n\nn,a,h,1",
        ["needs.csv row 4", "4 cells", "quotation marks"],
    ),
    "id empty": ("needs.csv", "id,community,kind\n,a,h", ["needs.csv row 2: id"]),
    "cell empty": (
        "needs.csv",
        "id,community,kind\nn,,h",
        ['needs.csv row 2: need "n": community', "is missing"],
    ),
    "value": (
        "needs.csv",
        "id,community,kind,quantity\nm,a,h,2\nn,a,h,two",
        ['needs.csv row 3: need "n": quantity two', "whole number"],
    ),
    "negative": (
        "needs.csv",
        "id,community,kind,quantity\nn,a,h,-2",
        ['needs.csv row 2: need "n": quantity -2', "negative"],
    ),
    "many digits": (
        "needs.csv",
        f"id,community,kind,quantity\nn,a,h,{'9' * 10**5}",
        ['needs.csv row 2: need "n": quantity 999', "whole number"],
    ),
    "huge cell": ("needs.csv", f"id,community,kind\nn,a,{'h' * 10**6}", ["needs.csv"]),
    "NaN": (
        "needs.csv",
        "id,community,kind,quantity\nn,a,h,nan",
        ['need "n": quantity', "finite"],
    ),
    "underscore": (
        "needs.csv",
        "id,community,kind,quantity\nn,a,h,1_0",
        ['needs.csv row 2: need "n": quantity 1_0', "whole number"],
    ),
    "underscore in a coordinate": (
        "needs.csv",
        "id,community,kind,lon,lat\nn,a,h,3_1.2,1",
        ['need "n": location', "must be a number"],
    ),
    "flag": ("needs.csv", "id,community,kind,whole\nn,a,h,maybe", ["whole maybe"]),
    "window": (
        "needs.csv",
        "id,community,kind,windows\nn,a,h,2026-01-01T08:00",
        ['need "n"', "windows"],
    ),
    "one coordinate": (
        "needs.csv",
        "id,community,kind,x,y\nn,a,h,1,",
        ['needs.csv row 2: need "n": x 1', "both x and y"],
    ),
    "one coordinate column": ("needs.csv", "id,community,kind,x\n", ['"y"', "missing"]),
    "four coordinates": ("needs.csv", "id,community,kind,x,y,lon,lat\n", ["lon, lat"]),
    "coordinate": (
        "needs.csv",
        "id,community,kind,lon,lat\nn,a,h,east,1",
        ['need "n": location', "must be a number"],
    ),
    "twice": (
        "needs.csv",
        "id,community,kind\nn,a,h\nm,a,h\nn,a,h",
        ["needs.csv rows 2, 4", '"n"', "2 times"],
    ),
    "past twice": (
        "past.csv",
        "community,served,demand\na,1,2\na,1,2",
        ["past.csv rows 2, 3", "2 times"],
    ),
    "past of nobody": ("past.csv", "served,demand\n1,2", ["past.csv row 2", "person"]),
    "dangling": (
        "needs.csv",
        "id,community,kind\nn,aa,h",
        ['needs.csv row 2: need "n": community aa', "Maybe a?"],
    ),
    "link": (
        "links.csv",
        "source,target,travel\na,b,1",
        ['links.csv row 2: link "a → b": target b'],
    ),
    "quotes": ("needs.csv", 'id,community,kind\n"n,a,h', ["needs.csv row 2"]),
    "Latin-1": ("needs.csv", "id,community,kind\nKöln,a,h".encode("cp1252"), ["UTF-8"]),
    "binary": ("needs.csv", bytes(range(256)), ["needs.csv"]),
    "nearly a name": ("neds.csv", "id\n", ["neds.csv", "Maybe"]),
    "other case": ("Links.CSV", "id\n", ["Links.CSV", "Maybe links.csv?"]),
    "packed": ("links.csv.gz", "id\n", ["links.csv.gz", "Maybe links.csv?"]),
    "with tabs": ("links.tsv", "source\n", ["links.tsv", "Maybe links.csv?"]),
    "no manifest": ("instance.toml", 'name = "x"', ["instance.toml", "format"]),
    "manifest": (
        "instance.toml",
        'format = "sharematch-instance"\nversion = 1\nnam = "x"',
        ["instance.toml", "nam", "Maybe name?"],
    ),
    "manifest and table": (
        "instance.toml",
        'format = "sharematch-instance"\nversion = 1\n[[needs]]\nid = "n"',
        ["needs.csv", "another file"],
    ),
    "no parquet": ("links.parquet", "id", ["links.parquet"]),
    "two of a kind": ("needs.parquet", "id", ["needs.parquet"]),
}


def write_tables(folder: Path) -> None:
    for name, text in TABLES.items():
        (folder / name).write_text(text)


@pytest.mark.parametrize("case", BAD_TABLES)
def test_table(tmp_path: Path, case: str):
    name, content, expected = BAD_TABLES[case]
    write_tables(tmp_path)
    if case == "nearly a name":
        (tmp_path / "needs.csv").unlink()
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError) as caught:
        io.read_instance(tmp_path)
    message = str(caught.value)
    for part in expected:
        assert part in message
    assert len(message) < 1500


def test_an_unknown_column_hides_nothing(tmp_path: Path):
    write_tables(tmp_path)
    (tmp_path / "needs.csv").write_text(
        "id,community,kind,quantitty,weight\nn,a,h,1,-2\no,aa,h,1,1\nm,a,h,1,1\nm,a,h,1,1"
    )
    (tmp_path / "links.csv").write_text("source,target,travel,note\na,b,far,x")
    with pytest.raises(InputError) as caught:
        io.read_instance(tmp_path)
    found = {(p.record, p.field, p.value) for p in caught.value.problems}
    assert {("need", "community", "aa"), ("need", "weight", "-2")} <= found
    assert ("link", "travel", "far") in found
    text = str(caught.value)
    assert 'column "quantitty": is not known' in text
    assert 'column "note": is not known' in text
    assert "2 times" in text


def test_a_broken_table_hides_no_value_of_another(tmp_path: Path):
    write_tables(tmp_path)
    (tmp_path / "needs.csv").write_text("id,community\nn,a")
    (tmp_path / "links.csv").write_text("source,target,travel\na,b,far")
    with pytest.raises(InputError) as caught:
        io.read_instance(tmp_path)
    text = str(caught.value)
    assert 'column "kind": is missing' in text
    assert 'links.csv row 2: link "a → b": travel far' in text


def test_answers_are_refused_with_all_that_is_wrong(tmp_path: Path):
    path = tmp_path / "answers.csv"
    path.write_text(
        "need,slot,status,quantitty\n"
        "n,s,maybe,1\nx,s,declined,\nn,,accepted,\nn,s,accepted,2\n"
    )
    town = sm.Instance(
        communities=[sm.Community(id="a")],
        facilities=[sm.Facility(id="f", community="a")],
        slots=[sm.Slot(id="s", facility="f", kinds=["k"], capacity=1)],
        needs=[sm.Need(id="n", community="a", kind="k")],
    )
    with pytest.raises(InputError) as caught:
        io.read_answers(path, town)
    column, *rows = caught.value.problems
    assert (column.id, column.hint) == ("quantitty", "quantity?")
    assert [(p.field, p.value) for p in rows] == [
        ("status", "maybe"),
        ("need", "x"),
        ("slot", ""),
    ]
    assert [p.source.rpartition(" ")[2] for p in rows] == ["2", "3", "4"]
    path.write_text("need,quantity\nn,2\n")
    with pytest.raises(InputError) as caught:
        io.read_answers(path)
    assert [p.id for p in caught.value.problems] == ["slot", "status"]


def test_good_tables(tmp_path: Path):
    write_tables(tmp_path)
    instance = io.read_instance(tmp_path)
    assert instance.slots[0].kinds == {"h", "g/x"}
    assert io.instance_hash(instance) == io.instance_hash(
        instance.replace(needs=instance.needs)
    )


def test_folder_without_an_instance(tmp_path: Path):
    (tmp_path / "photo.jpg").touch()
    with pytest.raises(InputError, match="holds no instance"):
        io.read_instance(tmp_path)


def test_table_that_is_a_folder(tmp_path: Path):
    write_tables(tmp_path)
    (tmp_path / "links.csv").mkdir()
    with pytest.raises(InputError, match=r"links\.csv: Is a directory"):
        io.read_instance(tmp_path)


def test_tables_as_people_write_them(tmp_path: Path):
    write_tables(tmp_path)
    (tmp_path / "needs.csv").write_bytes(
        "\ufeffid , kind,community,whole,x,y,groups,windows,,\r\n"
        "\r\n"
        'n1, h,a,Yes,1,2.5,"elderly; ",2026-01-01T08:00/2026-01-01T09:00,,\r\n'
        "n2,h,a\r\n".encode()
    )
    (tmp_path / "notes.csv").write_text("anything")
    first, second = io.read_instance(tmp_path).needs
    assert first.whole
    assert first.location == (1, 2.5)
    assert first.groups == {"elderly"}
    assert isinstance(first.windows[0], Window)
    assert first.windows[0].end.hour == 9
    assert second.quantity == 1
    assert second.location is None


@given(st.binary(max_size=50) | st.text(max_size=50).map(str.encode))
def test_any_bytes_are_read_or_refused(tmp_path_factory: Any, content: bytes):
    folder = tmp_path_factory.mktemp("any")
    write_tables(folder)
    for name in ("needs.csv", "t.json", "t.toml", "policy.toml"):
        (folder / name).write_bytes(content)
    for path in (folder, folder / "t.json", folder / "t.toml"):
        with pytest.raises(InputError):
            io.read_instance(path)
    with pytest.raises(InputError):
        io.read_policy(folder / "policy.toml")


FIELD_NAMES = sorted({field for _, field, *_ in FIELDS} | {"id", "closed", "every"})
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "start", "kind"]), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(
    collection=st.sampled_from(["communities", "facilities", "slots", "needs"]),
    field=st.sampled_from(FIELD_NAMES),
    value=JSON,
)
def test_any_value_is_taken_or_refused(
    tmp_path_factory: Any, collection: str, field: str, value: object
):
    town = json.loads(json.dumps(TOWN))
    town[collection][0][field] = value
    path = tmp_path_factory.mktemp("any") / "town.json"
    path.write_text(json.dumps(town))
    with suppress(InputError):
        io.instance_hash(io.read_instance(path))
