"""What is read quickly is what is read one by one: the same instance or messages."""

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sharematch as sm
from sharematch import io
from sharematch.errors import InputError
from sharematch.io.native import files, quick_csv, quick_json, results, tables
from sharematch.io.native.documents import json_text
from sharematch.model.canonical import instance_data
from sharematch.model.frames import Raw
from sharematch.results import Unmet
from tests.io.test_fuzz import READERS, documents, texts
from tests.strategies import instances

same_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
SPACED: dict[str, Any] = {"separators": (" , ", " : ")}
LAYOUTS: list[dict[str, Any]] = [
    *({}, SPACED, {"indent": 2}, {"separators": (",", ":"), "ensure_ascii": False}),
]


def outcome(read: Callable[[], sm.Instance]) -> object:
    """The instance and its hash, or what is said of the file."""
    try:
        instance = read()
    except InputError as error:
        return str(error)
    fields = {field: getattr(instance, field) for field in sm.Instance.model_fields}
    return fields, instance.model_fields_set, io.instance_hash(instance)


def both_ways(read: Callable[[], sm.Instance]) -> tuple[object, object]:
    """What is read quickly, whatever the size, and one by one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(quick_csv, "SMALLEST", 0)
        patch.setattr(quick_json, "SMALLEST", 0)
        quick = outcome(read)
        patch.setattr(files, "columns_of_json", lambda _content: None)
        patch.setattr(tables, "columns_of_csv", lambda _path, _known: None)
        return quick, outcome(read)


def content_of(instance: sm.Instance, **layout: Any) -> bytes:
    head = {"format": "sharematch-instance", "version": 1}
    return json.dumps({**head, **instance_data(instance)}, **layout).encode()


@settings(same_folder, max_examples=settings().max_examples // 3)  # takes long
@given(instance=instances(), layout=st.sampled_from(LAYOUTS))
def test_every_field(tmp_path: Path, instance: sm.Instance, layout: dict[str, Any]):
    path = tmp_path / "town.json"
    path.write_bytes(content := content_of(instance, **layout))
    quick, slow = both_ways(lambda: io.read_instance(path))
    assert quick == slow
    if layout != SPACED:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(quick_json, "SMALLEST", 0)
            assert quick_json.columns_of_json(content) is not None
    io.write_instance(instance, folder := tmp_path / "town")
    in_cells, slowly_in_cells = both_ways(lambda: io.read_instance(folder))
    assert in_cells == slowly_in_cells


@pytest.mark.parametrize("change", [texts, documents])
@same_folder
@given(data=st.data())
def test_any_json(tmp_path: Path, change: Any, data: st.DataObject):
    path = tmp_path / "town.json"
    path.write_bytes(data.draw(change(READERS["json"][0])))
    quick, slow = both_ways(lambda: io.read_instance(path))
    assert quick == slow


NEED = '{"id": "n", "community": "a", "kind": "h"%s}'
FIELDS = [
    *(
        ', "id": "m"',
        ', "quantity": 1, "quantity": 2',
        ', "location": [1, 2], "id": "n"',
    ),
    *(', "windows": [{"start": "2026-03-02T09:00", "start": "2026-03-02T10:00"}]',),
    *(', "name": "\\ud83d"', ', "since": "2026-03-02", "si\\u006ece": "2026-03-03"'),
    *(', "max_travel": 0.1000000000000000055511151231257827', ', "max_travel": 1e-3'),
    *(f', "location": [{number}, 1]' for number in ("1e-320", "1E-400", "-0.0")),
    *(f', "location": [{number}, 1]' for number in ("0e5", "1e9", "0", "1e999")),
    *(f', "location": [0.{"1" * count}, 1]' for count in (17, 40, 58, 80)),
    *(', "location": null', ', "location": []', ', "location": [[1, 2], 3]'),
    *(', "location": ["1", 2]', ', "location": [true, 2]', ', "whole": 1'),
    *(
        ', "quantity": "2"',
        ', "quantity": 2.0',
        ', "quantity": true',
        ', "weight": 2e0',
    ),
    *(
        ', "quantity" : 2',
        ', "person": "\\": \\"id\\": "',
        ', "person": ": "',
        ', "x": 1',
    ),
    *(
        ', "person": "a : b"',
        ', "person": "\\" : "',
        ', "groups": ["a", "a"]',
        ', "groups": {"a": 1, "a": 2}',
        ', "groups": "a"',
    ),
    *(', "quantity": NaN', ', "since": 5', ', "since": null', ', "person": null'),
]


@pytest.mark.parametrize("fields", FIELDS)
def test_json_of_every_kind_of_doubt(tmp_path: Path, fields: str):
    data = json.loads(content_of(sm.Instance(communities=[sm.Community(id="a")])))
    text = json.dumps(data)[:-1]
    path = tmp_path / "town.json"
    for rows in (NEED % fields, f"{NEED % ''}, {(NEED % fields).replace('n', 'm', 1)}"):
        path.write_text(f'{text}, "needs": [{rows}]}}', "utf-8")
        quick, slow = both_ways(lambda: io.read_instance(path))
        assert quick == slow


@same_folder
@given(data=st.data())
def test_any_csv(tmp_path: Path, data: st.DataObject):
    seed, read = READERS["csv"]
    content = data.draw(texts(seed))
    quick, slow = both_ways(lambda: read(tmp_path, content))
    assert quick == slow


CELLS = st.sampled_from(
    [
        *("a", "", " ", "n1", "n2", " n3 ", "2", "1.5", '"1,5"', '"a,b"', '"a""b"'),
        *('a"b', '"a"b', ' "a"', '"a\nb"', '"', "\r", "a\rb", "\t", "#", "é", "中"),
        *("\u2028", "\xa0", "1.234.567", '"1,234"', "h;s", "\x00", "'=1+1", '""'),
    ]
)
HEADS = st.sampled_from(["id,kind", '"id",max_travel,quantity', "id", "id,,x", "id,id"])


@same_folder
@given(
    head=HEADS,
    rows=st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=5),
    width=st.sampled_from([None, 1, 2, 3]),
    ends=st.tuples(
        st.sampled_from(["", "", "\ufeff", "\n", "sep=,\n", " "]),
        st.sampled_from(["\n", "\r\n", "\r", "\n\n", "\n,,\n"]),
    ),
)
def test_cells_of_csv(
    tmp_path: Path, head: str, rows: Any, width: int | None, ends: tuple[str, str]
):
    first, end = ends
    if width is not None:
        rows = [(row * width)[:width] for row in rows]
    path = tmp_path / "needs.csv"
    path.write_bytes((first + end.join((head, *map(",".join, rows), ""))).encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(quick_csv, "SMALLEST", 0)
        quick = read_quickly(path)
        patch.setattr(tables, "columns_of_csv", lambda _path, _known: None)
        slow = tables.columns_of_table(path) if quick is not None else None
    assert cells_of(quick) == cells_of(slow)


def read_quickly(path: Path) -> dict[str, Raw] | None:
    try:
        return quick_csv.columns_of_csv(path, {"id", "kind", "max_travel", "quantity"})
    except InputError:
        return None


def cells_of(columns: dict[str, Raw] | None) -> Any:
    return columns and {name: [*field.rows()] for name, field in columns.items()}


@pytest.mark.parametrize(
    "text",
    [
        "id,kind\na,b\n",
        "id,kind\r\na,b\r\n\r\nc, d\r\n",
        '\ufeffid,"kind"\n"a,b",c\nd,"e ""f"""',
        "id,max_travel\na,1.5\n",
        'id,max_travel\n"a",1.5\nb,\n',
    ],
)
def test_usual_tables_are_read_quickly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
):
    monkeypatch.setattr(quick_csv, "SMALLEST", 0)
    (path := tmp_path / "needs.csv").write_bytes(text.encode())
    assert read_quickly(path) is not None


@pytest.mark.parametrize("rows", ["{}", "{}, {}", ""])
def test_rows_that_say_nothing(tmp_path: Path, rows: str):
    path = tmp_path / "town.json"
    head = '"format": "sharematch-instance", "version": 1'
    path.write_text(f'{{{head}, "communities": [{rows}]}}')
    quick, slow = both_ways(lambda: io.read_instance(path))
    assert quick == slow
    assert isinstance(quick, str) == bool(rows)


def test_without_the_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for module in (quick_csv, quick_json):
        monkeypatch.setattr(module, "SMALLEST", 0)
    (path := tmp_path / "needs.csv").write_text("id\na\n")
    content = content_of(sm.Instance(communities=[sm.Community(id="a", name="b : c")]))
    assert read_quickly(path) is not None
    assert quick_json.columns_of_json(content) is not None
    for package in ("pyarrow", "msgspec"):
        monkeypatch.setitem(sys.modules, package, None)
    assert read_quickly(path) is None
    assert quick_json.columns_of_json(content) is None


def test_all_formats_give_the_same_bytes_of_a_plan(tmp_path: Path):
    town = sm.generate.make("community", 3)
    io.write_instance(town, tmp_path / "town.json")
    io.write_instance(town, tmp_path / "town.toml")
    io.write_instance(town, tmp_path / "tables")
    io.write_parquet(town, tmp_path / "parquet")
    plans = set()
    with pytest.MonkeyPatch.context() as patch:
        for smallest in (0, 1 << 30):
            patch.setattr(quick_csv, "SMALLEST", smallest)
            patch.setattr(quick_json, "SMALLEST", smallest)
            for name in ("town.json", "town.toml", "tables", "parquet"):
                result = sm.solve(io.read_instance(tmp_path / name))
                io.write_result(result, path := tmp_path / "result.json")
                plans.add(path.read_bytes())
    assert len(plans) == 1


IDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6)
REASONS = st.sampled_from(["full", "goal", "no_arc", "rule"])


@given(
    rows=st.lists(st.tuples(IDS, IDS, st.integers(1, 10**12))),
    unmet=st.lists(
        st.builds(Unmet, IDS, st.integers(1, 9), REASONS, st.just("") | IDS)
    ),
)
def test_results_are_written_as_their_documents(rows: Any, unmet: Any):
    town = sm.generate.make_instance(communities=1, needs=2, slots=1)
    plan = sm.Allocation(rows)
    result = replace(
        sm.solve(town),
        allocation=plan,
        unmet=(*unmet,),
        baseline=plan,
        certificate=None,
    )
    text = results.result_text(result)
    assert text == json_text(result.to_dict())
    assert results.result_text(sm.Result.from_dict(json.loads(text))) == text


def test_results_with_bookings_are_written_as_their_documents():
    start = datetime(2026, 3, 2, 9)
    result = replace(
        sm.solve(sm.Instance()), allocation=sm.Allocation([("s", "n", 1, start)])
    )
    assert results.result_text(result) == json_text(result.to_dict())
    assert "2026-03-02T09:00" in results.result_text(result)
