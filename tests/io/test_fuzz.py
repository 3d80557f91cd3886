"""Whatever bytes a reader gets, it ends soon: with an error of this library, or well.

Inputs are valid files with some parts cut, doubled or replaced by what often hurts. In
the profile `deep` each reader gets 10,000.
"""

import json
import os
import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import fields
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

import sharematch as sm
from sharematch import io
from sharematch.batch.inputs import find_inputs
from sharematch.core.columns.given import Given
from sharematch.errors import SharematchError
from sharematch.io.carry import Ledger
from sharematch.io.geo.hours import hours_of
from sharematch.io.publishing.files import read_records
from sharematch.openings import Cutting
from sharematch.publication import publish

IS_DEEP = os.environ.get("HYPOTHESIS_PROFILE") == "deep"
SECONDS = 20
"""Far more than any of these small inputs needs, also on a busy machine."""

WEEK = Cutting(first=date(2026, 3, 2), last=date(2026, 3, 8), zone="Europe/Helsinki")
TOWN = sm.Instance(
    communities=[sm.Community(id="a", location=[24.9, 60.1], tags=["old"])],
    facilities=[sm.Facility(id="f", community="a", features=["step-free"])],
    slots=[
        sm.Slot(
            id="s",
            facility="f",
            kinds=["h/x"],
            capacity=3,
            start="2026-03-02T09:00+02:00",
            end="2026-03-02T10:00+02:00",
            fee="1.50",
        )
    ],
    needs=[sm.Need(id="n", community="a", kind="h", windows=[], quantity=2)],
)
NASTY = [
    *("", "\0", "😀", '"', "'", ",", ";", "/", "\n", "\r\n", "[", "{", "]"),
    *("}", "null", "true", "NaN", "-1", "1e999", "9" * 400, "9" * 5000),
    *("0.1", "=1+1", "id", "x"),
    *(
        "9999-12-31T23:59+14:00",
        "0001-01-01",
        "2026-03-29T03:30",
        "-0",
        "1/0",
        "\\u0000",
    ),
    *("[" * 200, '{"a":' * 200, "RRULE:FREQ=SECONDLY", "COUNT=999999", "INTERVAL=0"),
    *("BYMONTHDAY=30;BYMONTH=2", "UNTIL=99991231", "P9999999W", "TZID=Nowhere:"),
    *("BEGIN:VEVENT\r\n", "END:VEVENT\r\n", "24/7", "PH off", "1900-9999", "easter"),
]
VALUES: list[Any] = [
    *(None, True, -1, 0, 10**30, 1e308, "", "x", [], {}, [[]], {"id": {}}, ["a", 1]),
    *("2026-03-02T09:00", [[0, 0]], [1e9, 1e9], {"start": 1}, "a/b", [None]),
]


@st.composite
def texts(draw: Any, seed: str) -> bytes:
    """Return a text with some parts cut out, doubled or replaced."""
    text = seed
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = start + draw(st.integers(0, 12))
        part = draw(
            st.sampled_from(["", text[start:end] * 2, *NASTY]) | st.text(max_size=4)
        )
        text = text[:start] + part + text[end:]
    return text.encode(errors="surrogatepass")


@st.composite
def documents(draw: Any, seed: str) -> bytes:
    """Return JSON with some values replaced, removed or under other names."""
    data = json.loads(seed)
    for _ in range(draw(st.integers(1, 3))):
        holder, key = data, None
        while isinstance(holder, dict | list) and holder:
            keys = list(holder) if isinstance(holder, dict) else [*range(len(holder))]
            key = draw(st.sampled_from(keys))
            if not isinstance(holder[key], dict | list) or draw(st.integers(0, 3)) == 0:
                break
            if not holder[key]:
                break
            holder = holder[key]
        if key is None or not holder:
            continue
        if draw(st.booleans()) or isinstance(holder, list):
            holder[key] = deepcopy(draw(st.sampled_from(VALUES)))
        else:
            holder[draw(st.sampled_from([*holder, "id", "x"]))] = holder.pop(key)
    return json.dumps(data).encode()


def read_file(name: str, read: Callable[[Path], Any]) -> Callable[[Path, bytes], Any]:
    def run(folder: Path, content: bytes) -> Any:
        (folder / name).write_bytes(content)
        return read(folder / name)

    return run


def read_in(name: str, read: Callable[[Path], Any], **others: str) -> Any:
    """Read the folder in which the file lies, beside others."""

    def run(folder: Path, content: bytes) -> Any:
        for other, text in others.items():
            (folder / f"{other}.csv").write_text(text, "utf-8")
        (folder / name).write_bytes(content)
        return read(folder)

    return run


def made(write: Callable[[Path], object], name: str) -> str:
    """The text of a file as the library writes it."""
    import tempfile  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder, "made" if "/" in name else name))
        return Path(folder, name).read_bytes().decode()


def open_map(text: str) -> str:
    place = {
        "amenity": "library",
        "name": "f",
        "opening_hours": text,
        "charge": "2 EUR",
    }
    place |= {"wheelchair": "yes", "operator": "o", "capacity": "4", "fee": "yes"}
    geometry = {"type": "Point", "coordinates": [24.9, 60.1]}
    area = {
        "type": "Polygon",
        "coordinates": [[[24, 60], [25, 60], [25, 61], [24, 60]]],
    }
    features = [
        {"type": "Feature", "id": "f", "geometry": g, "properties": p}
        for g, p in ((geometry, place), (area, {"name": "a", "population": 3}))
    ]
    return json.dumps({"type": "FeatureCollection", "features": features})


def sql_read(_folder: Path, content: bytes) -> Any:
    text = content.decode(errors="replace")
    cells = {"id": text[:8], "kinds": text[2:9], "start": text[1:20], "fee": text[:4]}
    column = list(cells)[len(text) % 4]
    engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
    try:
        with engine.begin() as connection:
            io.write_sql(TOWN, connection)
            statement = sa.text(f'update slots set "{column}" = :value')
            connection.execute(statement, {"value": cells[column]})
        return io.read_sql(engine)
    finally:
        engine.dispose()


HSDS = made(lambda path: io.write_hsds(TOWN, path), "town.json")
HOURS = "Mo-Fr 09:00-12:00,13:00-17:00; Sa[1] 10:00-26:00; PH off; Dec 24-26 closed"
PLAN = sm.solve(TOWN)
CALENDAR = made(lambda path: io.write_ical(TOWN, path), "made/f.ics").replace(
    "END:VCALENDAR",
    "BEGIN:VEVENT\r\nUID:b\r\nDTSTART;TZID=Europe/Helsinki:20260302T093000\r\n"
    "DURATION:PT30M\r\nRRULE:FREQ=WEEKLY;BYDAY=MO,TU;COUNT=9\r\n"
    "EXDATE;TZID=Europe/Helsinki:20260302T093000\r\nEND:VEVENT\r\n"
    "BEGIN:VFREEBUSY\r\nUID:c\r\nFREEBUSY:20260302T090000Z/PT1H\r\n"
    "END:VFREEBUSY\r\nEND:VCALENDAR",
)
POLICY = made(lambda path: io.write_policy(sm.Policy.fair(), path), "policy.toml")
RESULT = made(lambda path: io.write_result(PLAN, path), "result.json")
PUBLIC = publish(TOWN, PLAN, b"sixteen bytes or more").instance
ALL_OF_AN_ARC = {field.name: 1 for field in fields(Given)}
PUBLISHED = json.dumps(
    {**PUBLIC, "arcs": [{**ALL_OF_AN_ARC, **arc} for arc in PUBLIC["arcs"]]}
)
TABLES = {
    "communities": "id,lon,lat\na,24.9,60.1\n",
    "facilities": "id,community\nf,a\n",
}
LOCATIONS = "id,name,location_type,latitude,longitude\np,Hall,physical,60.1,24.9\n"

READERS: dict[str, tuple[str, Callable[[Path, bytes], Any]]] = {
    "json": (
        made(lambda path: io.write_instance(TOWN, path), "t.json"),
        read_file("t.json", io.read_instance),
    ),
    "toml": (
        made(lambda path: io.write_instance(TOWN, path), "t.toml"),
        read_file("t.toml", io.read_instance),
    ),
    "csv": (
        made(lambda path: io.write_instance(TOWN, path), "made/slots.csv"),
        read_in("slots.csv", io.read_instance, **TABLES),
    ),
    "policy": (POLICY, read_file("p.toml", io.read_policy)),
    "policy json": (
        made(lambda path: io.write_policy(sm.Policy.fair(), path), "p.json"),
        read_file("p.json", io.read_policy),
    ),
    "result": (RESULT, read_file("r.json", io.read_result)),
    "published": (PUBLISHED, read_file("i.json", read_records)),
    "plan": ("need,slot,quantity\nn,s,2\n", read_file("p.csv", io.read_plan)),
    "answers": (
        "need,slot,status,quantity\nn,s,accepted,2\n,s,gone,\n",
        read_file("a.csv", io.read_answers),
    ),
    "usage": ("need,slot,used\nn,s,2\n", read_file("u.csv", io.read_usage)),
    "geojson": (open_map(HOURS), read_file("t.geojson", io.read_geojson)),
    "osm": (open_map(HOURS), read_file("t.geojson", lambda p: io.read_osm(p, WEEK))),
    "hours": (
        HOURS,
        lambda _folder, content: hours_of(
            content.decode(errors="replace"), WEEK, "f", Ledger(), "FI"
        ),
    ),
    "hsds": (HSDS, read_file("t.json", lambda path: io.read_hsds(path, WEEK))),
    "hsds csv": (
        "id,location_id,service_id,freq,byday,opens_at,closes_at,dtstart\n"
        "h,p,,WEEKLY,MO,09:00,10:00+02:00,2026-03-02\n",
        read_in("schedules.csv", lambda p: io.read_hsds(p, WEEK), locations=LOCATIONS),
    ),
    "ical": (CALENDAR, read_file("f.ics", lambda path: io.read_ical(path, WEEK))),
    "manifest": ("path,name\na.json,a\n", read_file("m.csv", find_inputs)),
    "sql": ("2026-03-02T09:00+02:00", sql_read),
}
DOCUMENTS = ["json", "policy json", "result", "published", "geojson", "osm", "hsds"]
"""Readers of JSON."""


def parquet_bytes(columns: dict[str, list[Any]]) -> bytes:
    parquet.write_table(pa.table(columns), file := BytesIO())
    return file.getvalue()


SLOTS: dict[str, list[Any]] = {
    "id": ["s"],
    "facility": ["f"],
    "kinds": ["h"],
    "capacity": [3],
}
BINARY = {
    "parquet": (
        parquet_bytes(SLOTS),
        read_in("slots.parquet", io.read_instance, **TABLES),
    )
}
"""Readers of what is no text, as `READERS`."""


def check(read: Callable[[Path, bytes], Any], folder: Path, content: bytes) -> None:
    begin = time.perf_counter()
    try:
        found = read(folder, content)
    except SharematchError as error:
        assert str(error)  # noqa: PT017
        # Everything that is wrong is listed, with where it stands: a line for a row.
        assert len(str(error)) < 20_000 + 200 * len(content)  # noqa: PT017
    else:
        instance = getattr(found, "instance", found)
        if isinstance(instance, sm.Instance):
            io.instance_hash(instance)
    assert time.perf_counter() - begin < SECONDS


fuzzed = settings(
    max_examples=10_000 if IS_DEEP else settings.default.max_examples,  # type: ignore[union-attr]
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)


@pytest.mark.parametrize("name", READERS)
@fuzzed
@given(data=st.data())
def test_any_text(tmp_path: Path, name: str, data: st.DataObject):
    seed, read = READERS[name]
    check(read, tmp_path, data.draw(texts(seed)))


@pytest.mark.parametrize("name", ["plan", "answers", "usage", "published"])
@pytest.mark.parametrize("number", ["9" * 5000, "1e400", "-" + "9" * 30])
def test_a_number_too_large_for_any_field(tmp_path: Path, name: str, number: str):
    seed, read = READERS[name]
    for old, new in ((",2", f",{number}"), ('"cost": 1', f'"cost": {number}')):
        check(read, tmp_path, seed.replace(old, new).encode())


@pytest.mark.parametrize("name", DOCUMENTS)
@fuzzed
@given(data=st.data())
def test_any_document(tmp_path: Path, name: str, data: st.DataObject):
    seed, read = READERS[name]
    check(read, tmp_path, data.draw(documents(seed)))


@fuzzed
@given(data=st.data())
def test_any_parquet(tmp_path: Path, data: st.DataObject):
    draw = data.draw
    columns = dict(SLOTS)
    cells = st.sampled_from([*VALUES, date(2026, 3, 2), b"x", 1.5, float("nan")])
    columns[draw(st.sampled_from([*columns, "start", "fee", "x"]))] = [draw(cells)]
    try:
        content = parquet_bytes(columns)
    except (pa.ArrowException, OverflowError):
        return  # Parquet cannot say this
    if draw(st.booleans()):
        at = draw(st.integers(0, len(content)))
        content = content[:at] + draw(st.binary(max_size=4)) + content[at + 2 :]
    check(BINARY["parquet"][1], tmp_path, content)


def long_toml(key: str) -> str:
    return f'format = "sharematch-policy"\nversion = 1\n{key} = 1\n'


HEAD = '{"format": "sharematch-instance", "version": 1, "communities": [{"id": "a"}], '
SLOW: dict[str, tuple[str, Callable[[int], str]]] = {
    "kinds": (
        ".json",
        lambda n: (
            f'{HEAD}"facilities": [{{"id": "f", "community": "a"}}], "slots": [{{"id": '
            f'"s", "facility": "f", "kinds": ["k{"/k" * n}"], "capacity": 1}}]}}'
        ),
    ),
    "kind": (
        ".json",
        lambda n: (
            f'{HEAD}"needs": [{{"id": "n", "community": "a", "kind": "k{"/k" * n}"}}]}}'
        ),
    ),
    "dotted key": (".toml", lambda n: long_toml(f"x{'.x' * n}")),
    "spaced": (".toml", lambda n: long_toml(f"x{' . x' * n}")),
    "quoted": (".toml", lambda n: long_toml('"x"' + ".'x'" * n)),
    "table": (".toml", lambda n: f"[x{'.x' * n}]\n"),
    "tables": (".toml", lambda n: f"[[x{'.x' * n}]]\n"),
    "inline": (".toml", lambda n: long_toml(f"y = {{ x{'.x' * n}")),
    "quotes": (".toml", lambda n: '\\"' * n),
    "unfinished": (".toml", lambda n: "'''\"\"\"" * n),
    "deep": (".json", lambda n: "[" * n),
}


@pytest.mark.parametrize("case", SLOW)
def test_long_paths_and_keys_take_no_longer_than_other_text(tmp_path: Path, case: str):
    suffix, text = SLOW[case]
    path = tmp_path / f"long{suffix}"
    path.write_text(text(50_000))
    begin = time.perf_counter()
    with pytest.raises(SharematchError):
        io.read_instance(path)
    assert time.perf_counter() - begin < SECONDS / 4


def test_texts_with_dots_are_no_keys(tmp_path: Path):
    dots = "a.b" * 100
    policy = sm.Policy(name=dots, goals=[sm.Maximize("served")])
    io.write_policy(policy, tmp_path / "p.toml")
    text = (tmp_path / "p.toml").read_text()
    (tmp_path / "p.toml").write_text(f"# {dots}\n{text}")
    assert io.read_policy(tmp_path / "p.toml") == policy
