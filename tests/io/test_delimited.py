"""Tables as spreadsheets of many countries write them: read right, or refused."""

import codecs
import re
from collections.abc import Mapping
from contextlib import suppress
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sharematch as sm
from sharematch import io
from sharematch.batch.inputs import find_inputs
from sharematch.errors import InputError
from sharematch.model.cells import NUMBERS
from sharematch.model.records import COLLECTIONS

TABLES = {
    "communities": "id,name,population\na,天封社区,1200\nb,莲桥,900\n",
    "facilities": "id,community,lon,lat\nf,a,121.55,29.87\n",
    "slots": "id,facility,kinds,capacity,fee\ns,f,health;sport,3,1.50\nt,f,health,2,\n",
    "needs": "id,community,kind,quantity,max_travel\nm,a,health,2,1.5\nn,b,health,1,\n",
}


def cells_of(text: str) -> list[list[str]]:
    return [line.split(",") for line in text.splitlines()]


def rewritten(text: str, separator: str, comma: str) -> str:
    """Return a table with another separator, and perhaps decimal commas."""

    def cell(value: str) -> str:
        parts = value.split(".")
        number = len(parts) == 2 and all(part.isdecimal() for part in parts)
        shown = comma.join(parts) if number else value
        return f'"{shown}"' if separator in shown else shown

    rows = (separator.join(map(cell, cells)) for cells in cells_of(text))
    return "\n".join((*rows, ""))


def write_tables(folder: Path, tables: Mapping[str, str | bytes]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in tables.items():
        content = text if isinstance(text, bytes) else text.encode()
        (folder / f"{name}.csv").write_bytes(content)
    return folder


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> sm.Instance:
    folder = tmp_path_factory.mktemp("plain")
    return io.read_instance(write_tables(folder, TABLES))


ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "gbk", "gb18030")


@pytest.mark.parametrize(
    ("separator", "comma", "encoding"),
    [
        (separator, comma, encoding)
        for separator, comma, encoding in product(",;\t", ".,", ENCODINGS)
    ],
)
def test_separators_decimal_commas_and_encodings_say_the_same(
    tmp_path: Path, plain: sm.Instance, separator: str, comma: str, encoding: str
):
    tables = {
        name: rewritten(text, separator, comma).encode(encoding)
        for name, text in TABLES.items()
    }
    assert io.read_instance(write_tables(tmp_path / "town", tables)) == plain


@pytest.mark.parametrize("mark", [codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE])
def test_both_orders_of_utf_16(tmp_path: Path, plain: sm.Instance, mark: bytes):
    order = "le" if mark == codecs.BOM_UTF16_LE else "be"
    tables = {
        name: mark + rewritten(text, "\t", ".").encode(f"utf-16-{order}")
        for name, text in TABLES.items()
    }
    assert io.read_instance(write_tables(tmp_path, tables)) == plain


def test_a_line_that_names_the_separator(tmp_path: Path, plain: sm.Instance):
    tables = {
        name: f"sep=;\r\n{rewritten(text, ';', '.')}" for name, text in TABLES.items()
    }
    assert io.read_instance(write_tables(tmp_path, tables)) == plain


def test_quoted_cells_may_hold_every_separator(tmp_path: Path):
    text = 'id;name;population\na;"Hall; Park, and Pool";7\n"b;c";"""x""";\n'
    write_tables(tmp_path, {"communities": text})
    first, second = io.read_instance(tmp_path).communities
    assert (first.name, first.population) == ("Hall; Park, and Pool", 7)
    assert (second.id, second.name) == ("b;c", '"x"')


NEEDS = "id;community;kind;quantity;max_travel"


def needs(*rows: str) -> dict[str, str]:
    return {"communities": "id\na\n", "needs": "\n".join((NEEDS, *rows, ""))}


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        *(("1,5", "1.5"), ("0,500", "0.5"), ("12,25", "12.25"), (",5", "0.5")),
        *(("1234,5", "1234.5"), ("1,2345", "1.2345"), ("2.5", "2.5"), ("7", "7")),
        *(("1234", "1234"), ("+1,5", "1.5")),
    ],
)
def test_a_decimal_comma_that_can_be_nothing_else(
    tmp_path: Path, cell: str, value: str
):
    write_tables(tmp_path, needs(f"n;a;h;1;{cell}"))
    (need,) = io.read_instance(tmp_path).needs
    assert need == sm.Need(id="n", community="a", kind="h", max_travel=value)


@pytest.mark.parametrize(
    ("rows", "field"),
    [
        (["n;a;h;1;1,500"], "max_travel 1,500"),  # 1.5 or 1500?
        (["n;a;h;1;1.500"], "max_travel 1.500"),
        (["n;a;h;1;1.234,5"], "max_travel 1.234,5"),
        (["n;a;h;1;1,234.5"], "max_travel 1,234.5"),
        (["n;a;h;1;1.234.567"], "max_travel 1.234.567"),
        (["n;a;h;1,000;"], "quantity 1,000"),
        (["n;a;h;1.000;"], "quantity 1.000"),
        (["m;a;h;1;1,5", "n;a;h;1.000;"], "quantity 1.000"),
        (["m;a;h;1;1,5", "n;a;h;2;2.5"], "max_travel"),  # one of both by mistake
    ],
)
def test_what_could_be_thousands_is_refused(
    tmp_path: Path, rows: list[str], field: str
):
    write_tables(tmp_path, needs("l;a;h;1;", *rows))
    with pytest.raises(InputError) as caught:
        io.read_instance(tmp_path)
    (problem,) = caught.value.problems
    assert str(problem).startswith(f"needs.csv row {problem.source.split()[-1]}: ")
    assert field in str(problem)
    assert problem.code == "table.could_be_two_numbers"
    assert "1234.5" in problem.hint


def test_a_comma_elsewhere_in_the_table_tells_which_it_is(tmp_path: Path):
    write_tables(tmp_path, needs("m;a;h;1;0,5", "n;a;h;2;1,250"))
    assert [str(need.max_travel) for need in io.read_instance(tmp_path).needs] == [
        "0.5",
        "1.25",
    ]


def test_degrees_do_not_go_into_thousands(tmp_path: Path):
    tables = {
        "communities": "id\na\n",
        "facilities": "id;community;lon;lat\nf;a;121,553;29,871\n",
    }
    (facility,) = io.read_instance(write_tables(tmp_path, tables)).facilities
    assert facility.location == (121.553, 29.871)


def test_fees_by_group_have_decimal_commas_too(tmp_path: Path):
    tables = {
        "communities": "id\na\n",
        "facilities": "id;community\nf;a\n",
        "slots": 'id;facility;kinds;capacity;concessions\ns;f;h;1;"old=0;youth=1,50"\n',
    }
    (slot,) = io.read_instance(write_tables(tmp_path, tables)).slots
    assert {group: str(fee) for group, fee in slot.concessions.items()} == {
        "old": "0.00",
        "youth": "1.50",
    }


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("id,name,tags\na;Old town;old\n", 2),
        ("id;name;tags\na;Old town;old\n\nb,Lake,new\n", 4),
        ("id\tname\ttags\na;Old town;old\n", 2),
        ("id;name;population\na;Old town;1\nb,Lake;2\n", 3),
        ("id;name,population\na;Old town,1\n", 1),
    ],
)
def test_mixed_separators_are_refused(tmp_path: Path, text: str, row: int):
    write_tables(tmp_path, {"communities": text})
    with pytest.raises(InputError) as caught:
        io.read_instance(tmp_path)
    (problem,) = caught.value.problems
    assert problem.source == f"communities.csv row {row}"
    assert problem.code == "table.separators_are_mixed"
    assert "commas" in problem.hint


def test_lists_of_short_rows_are_no_other_separator(tmp_path: Path):
    text = "id,community,kind,groups,requires\nn,a,h,x;y;z;v;w\n"
    write_tables(tmp_path, {"communities": "id\na\n", "needs": text})
    (need,) = io.read_instance(tmp_path).needs
    assert need.groups == {"x", "y", "z", "v", "w"}


# ── encodings ────────────────────────────────────────────────────────────────────────


def named(name: str, encoding: str) -> dict[str, bytes]:
    return {"communities": f"id,name\na,{name}\n".encode(encoding)}


CHINESE = ("天封", "莲桥", "郡庙", "健康", "老年护理", "江东街道", "鄞州社区", "一村")


@pytest.mark.parametrize("name", CHINESE)
def test_gbk_spells_common_characters(tmp_path: Path, name: str):
    write_tables(tmp_path, named(name, "gbk"))
    assert io.read_instance(tmp_path).communities[0].name == name


OTHERS = {
    "cp1252": ("Köln", "Düsseldorf", "Málaga", "Ærø", "für"),
    "cp1250": ("Łódź", "Kraków", "Třebíč"),
    "cp1251": ("Москва", "ДВОРЕЦ", "Тверь", "река"),
    "koi8-r": ("Москва", "ДВОРЕЦ", "Тверь", "река"),
    "cp1253": ("Αθήνα", "Πάτρα"),
    "cp1255": ("חיפה",),
    "cp1256": ("القاهرة",),
    "big5": ("臺北", "高雄市", "淡水", "護理", "健康"),
    "shift-jis": ("東京", "さくら", "カフェ"),
    "euc-jp": ("東京", "さくら", "カフェ"),
    "euc-kr": ("서울", "부산", "도서관", "건강"),
    "utf-16-le": ("Köln", "天封"),
}


@pytest.mark.parametrize(
    ("encoding", "name"),
    [(encoding, name) for encoding, names in OTHERS.items() for name in names],
)
def test_other_encodings_are_refused_or_said_right(
    tmp_path: Path, encoding: str, name: str
):
    write_tables(tmp_path, named(name, encoding))
    with pytest.raises(InputError) as caught:
        io.read_instance(tmp_path)
    (problem,) = caught.value.problems
    assert "communities.csv" in str(problem)
    assert "encoding UTF-8" in problem.hint


@pytest.mark.parametrize(
    "name",
    ["Köln", "Łódź", "Москва", "Αθήνα", "חיפה", "القاهرة", "Ямал", "天封", "서울"],
)
def test_utf_8_stays_utf_8(tmp_path: Path, name: str):
    write_tables(tmp_path, named(name, "utf-8"))
    assert io.read_instance(tmp_path).communities[0].name == name


def test_gbk_whose_bytes_are_utf_8_too_is_refused(tmp_path: Path):
    both = [
        sign
        for sign in map(chr, range(0x4E00, 0x9FA6))
        if _is_utf_8(sign.encode("gbk", "ignore"))
    ]
    assert len(both) > 500
    refused = 0
    for sign in both[:: len(both) // 40]:
        write_tables(tmp_path, named(sign * 2, "gbk"))
        try:
            told = io.read_instance(tmp_path).communities[0].name
        except InputError as error:
            assert error.problems[0].code == "file.may_be_utf_8_or_gbk"  # noqa: PT017
            refused += 1
        else:
            assert told is not None
            assert told.encode("utf-8") == (sign * 2).encode("gbk")
            scripts = (
                r"[\u00c0-\u017f]+|[\u0386-\u03ce]+|[\u0400-\u045f]+|[\u05d0-\u05ea]+"
            )
            assert re.fullmatch(rf"{scripts}|[\u0621-\u0652]+", told)  # one script
    assert refused > 10


def _is_utf_8(content: bytes) -> bool:
    try:
        return bool(content.decode("utf-8"))
    except UnicodeDecodeError:
        return False


@given(st.binary(max_size=40))
def test_bytes_are_read_or_refused(tmp_path_factory: Any, content: bytes):
    folder = tmp_path_factory.mktemp("bytes")
    write_tables(folder, {"communities": b"id,name\na," + content})
    with suppress(InputError):
        io.read_instance(folder)


# ── workbooks, and all else that is read as a table ──────────────────────────────────


@pytest.mark.parametrize("suffix", ["xlsx", "xls", "ods"])
def test_workbooks_are_to_be_saved_as_csv(tmp_path: Path, suffix: str):
    for path in (tmp_path / f"needs.{suffix}", tmp_path / "town.csv"):
        path.write_bytes(b"PK\x03\x04 and so on")
    readers: Any = (io.read_answers, io.read_plan, io.read_usage)
    for read in readers:
        for name in (f"needs.{suffix}", "town.csv"):
            with pytest.raises(InputError, match=r"workbook(.|\n)*save it as CSV"):
                read(tmp_path / name)
    others: Any = (io.read_instance, io.read_policy, io.read_result)
    for read in others:
        with pytest.raises(InputError, match=r"workbook(.|\n)*save it as CSV"):
            read(tmp_path / f"needs.{suffix}")
    write_tables(tmp_path / "folder", {"communities": "id\na\n"})
    (tmp_path / "folder" / f"needs.{suffix}").write_bytes(b"PK\x03\x04")
    with pytest.raises(InputError, match=r"needs\.(.|\n)*save it as CSV"):
        io.read_instance(tmp_path / "folder")
    write_tables(tmp_path / "folder", {"needs": "id,community,kind\nn,a,h\n"})
    assert len(io.read_instance(tmp_path / "folder").needs) == 1


def test_rows_of_answers_are_counted_with_blank_ones(tmp_path: Path):
    path = tmp_path / "answers.csv"
    path.write_bytes(
        "need;slot;status\n\nn;s;accepted\n;;\nn;s;maybe\n".encode("utf-16")
    )
    with pytest.raises(InputError) as caught:
        io.read_answers(path)
    assert [problem.source for problem in caught.value.problems] == [f"{path}, row 5"]


def test_half_a_number_is_not_passed_over(tmp_path: Path):
    path = tmp_path / "used.csv"
    path.write_text("need,slot,used\nn,s,1\nn,t,1,5\n")
    for read in (io.read_usage, io.read_answers, io.read_plan):
        columns = "need,slot,status" if read is io.read_answers else "need,slot,used"
        columns = "need,slot,quantity" if read is io.read_plan else columns
        path.write_text(f"{columns}\nn,s,1\n\nn,t,1,5\n")
        with pytest.raises(InputError) as caught:
            read(path)
        assert "used.csv row 4: has 4 cells" in str(caught.value)


def test_plans_usage_and_manifests_are_read_alike(tmp_path: Path):
    path = tmp_path / "plan.csv"
    path.write_text("slot;need;quantity\ns;n;2\n")
    assert [a.quantity for a in io.read_plan(path)] == [2]
    path.write_text("need\tslot\tused\nn\ts\t1\n")
    assert io.read_usage(path) == [{"need": "n", "slot": "s", "used": 1}]
    path.write_text("path;name\ntown.json;天封\n", encoding="gbk")
    assert [item.name for item in find_inputs(path)] == ["天封"]


def test_exceptions_of_openings_are_read_alike(tmp_path: Path):
    tables = {
        "communities": "id\na\n",
        "facilities": "id;community\nf;a\n",
        "openings": (
            "facility;kinds;capacity;weekdays;from;to;valid from;until;except;fee\n"
            "f;sport;1;mon;17:00;21:00;2026-01-05;2026-01-19;holidays.csv;2,50\n"
        ),
        "holidays": "day;name\n2026-01-12;Holiday\n",
    }
    folder = write_tables(tmp_path, tables)
    slots = io.read_instance(folder).slots
    assert [(f"{slot.start:%d}", str(slot.fee)) for slot in slots] == [
        ("05", "2.50"),
        ("19", "2.50"),
    ]


def test_all_numbers_of_records_are_known_as_such():
    def is_number(about: Any) -> bool:
        kinds = about.get("anyOf", [about])
        return any(kind.get("type") in ("number", "integer") for kind in kinds)

    named = {
        field
        for record in COLLECTIONS.values()
        for field, about in record.model_json_schema()["properties"].items()
        if is_number(about)
    }
    words = {"share", "people"}  # a tier's name, a group's size
    locations = {"x", "y", "lon", "lat"}
    assert named - words == NUMBERS.keys() - locations - {"concessions"}
