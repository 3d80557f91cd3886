"""GeoJSON: what it carries comes back, what it does not is told."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sharematch as sm
from sharematch import io
from sharematch.errors import InputError
from sharematch.io.geo.shapes import Shape
from sharematch.model.canonical import instance_data
from tests.strategies import ANY_TEXT, instances

same_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
CARRIED = ("areas", "communities", "providers", "facilities")


def polygon(*corners: tuple[float, float]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [[*corners, corners[0]]]}


def square(x: float, y: float, side: float = 2) -> dict[str, Any]:
    return polygon((x, y), (x + side, y), (x + side, y + side), (x, y + side))


def feature(id_: str, geometry: Any, **properties: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": id_,
        "geometry": geometry,
        "properties": properties,
    }


def point(x: float, y: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [x, y]}


def read(folder: Path, *features: Any, **options: Any) -> io.Reading:
    path = folder / "town.geojson"
    path.write_text(
        json.dumps({"type": "FeatureCollection", "features": [*features]}), "utf-8"
    )
    return io.read_geojson(path, **options)


@same_folder
@given(instance=instances(text=ANY_TEXT))
def test_round_trip(tmp_path: Path, instance: sm.Instance):
    geo = instance.replace(
        **dict.fromkeys(("slots", "needs", "pairs", "links", "past", "decisions"), ()),
        travel=sm.Instance().travel,
        communities=[
            c.model_copy(update={"location": None}) for c in instance.communities
        ]
        if instance.travel.metric == "plane"
        else instance.communities,
        facilities=[
            f.model_copy(update={"location": None}) for f in instance.facilities
        ]
        if instance.travel.metric == "plane"
        else instance.facilities,
        name="",
        currency="",
    )
    path = tmp_path / "town.geojson"
    io.write_geojson(instance, path)
    again = io.read_geojson(path)
    assert instance_data(again.instance) == instance_data(geo)
    assert again.notes == ()


@same_folder
@given(instance=instances())
def test_everything_left_out_is_told(tmp_path: Path, instance: sm.Instance):
    notes = io.write_geojson(instance, tmp_path / "town.geojson")
    told = {note.record: note.count for note in notes if not note.field}
    for name, count in (
        ("slot", len(instance.slots)),
        ("need", len(instance.needs)),
        ("pair", len(instance.pairs)),
        ("link", len(instance.links)),
        ("decision", len(instance.decisions)),
    ):
        assert told.get(name, 0) == count


def test_a_polygon_is_a_community_and_a_point_in_it_its_facility(tmp_path: Path):
    found = read(
        tmp_path,
        feature(
            "tianfeng", square(0, 0), population=2400, area="old-town", color="red"
        ),
        feature("lianqiao", square(4, 0)),
        feature("station", point(4.5, 0.5)),
        feature("hall", point(3.5, 1)),
        feature("road", {"type": "LineString", "coordinates": []}),
    )
    town = found.instance
    assert [(c.id, c.location) for c in town.communities] == [
        ("tianfeng", (1, 1)),
        ("lianqiao", (5, 1)),
    ]
    assert town.communities[0].population == 2400
    assert town.communities[0].area == "old-town"
    assert {f.id: f.community for f in town.facilities} == {
        "station": "lianqiao",
        "hall": "lianqiao",  # the nearest
    }
    assert [(n.code, n.record, n.field, n.count, n.example) for n in found.notes] == [
        ("lost", "feature", "geometry", 2, "tianfeng"),
        ("lost", "community", "color", 1, "tianfeng"),
        ("lost", "feature", "", 1, "road"),
        ("assumed", "facility", "community", 1, "hall"),
        ("assumed", "area", "level", 1, "old-town"),
    ]


def test_places_without_communities_belong_to_everyone(tmp_path: Path):
    found = read(tmp_path, feature("", point(1, 1), name="station"))
    assert found.instance.facilities[0].community == "everyone"
    assert str(found.notes[0]) == 'assumed facility community: everyone ("station")'


def test_a_property_names_the_records(tmp_path: Path):
    found = read(tmp_path, feature("1", point(1, 1), code=7), id_property="code")
    assert found.instance.facilities[0].id == "7"


def test_center_of_polygons_with_holes_and_parts():
    hole = [(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0), (0.0, 0.0)]
    inner = [(2.0, 0.0), (4.0, 0.0), (4.0, 4.0), (2.0, 4.0), (2.0, 0.0)]
    assert Shape([[hole, inner]]).center == (1, 2)
    assert Shape([[hole, inner[::-1]]]).center == (1, 2)
    assert (1, 1) in Shape([[hole, inner]])
    assert (3, 1) not in Shape([[hole, inner]])
    assert Shape([[hole], [[(x + 8, y) for x, y in hole]]]).center == (6, 2)
    flat = [(0.0, 0.0), (2.0, 0.0), (4.0, 0.0), (0.0, 0.0)]
    assert Shape([[flat]]).center[1] == 0


@given(
    x=st.floats(-170, 170),
    y=st.floats(-80, 80),
    corners=st.lists(
        st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=3, max_size=8
    ),
)
def test_center_lies_among_the_corners(
    x: float, y: float, corners: list[tuple[float, float]]
):
    hull = [(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1), (x, y)]
    assert Shape([[hull]]).center == pytest.approx((x + 0.5, y + 0.5))
    for a, b in corners:
        if 0.001 < a < 0.999 and 0.001 < b < 0.999:
            assert (x + a, y + b) in Shape([[hull]])
            assert (x + a + 1, y + b) not in Shape([[hull]])


BAD: dict[str, tuple[Any, str]] = {
    "list": ([], "no GeoJSON"),
    "geometry alone": (point(1, 1), "no GeoJSON"),
    "features as text": ({"type": "FeatureCollection", "features": "x"}, "no GeoJSON"),
    "feature as text": ({"type": "FeatureCollection", "features": ["x"]}, "an id"),
    "properties as list": (
        {"type": "Feature", "properties": [], "geometry": point(1, 1)},
        "number 1",
    ),
    "no name": (feature("", point(1, 1)), "an id or a name"),
    "not closed": (
        feature("a", {"type": "Polygon", "coordinates": [[[1, 1]] * 3]}),
        'feature "a": rings must be closed',
    ),
    "out of range": (feature("a", point(1, 91)), 'feature "a".*latitude'),
    "text for a number": (feature("a", point("x", 1)), "must be a number"),  # type: ignore[arg-type]
    "one number": (
        feature("a", {"type": "Point", "coordinates": [1]}),
        "two numbers",
    ),
    "field": (
        feature("a", point(1, 1), record="community", population=-1),
        r'town.geojson: community "a": population -1',
    ),
    "twice": (
        {"type": "FeatureCollection", "features": [feature("a", point(1, 1))] * 2},
        'facility "a".*2 times',
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input(tmp_path: Path, case: str):
    data, message = BAD[case]
    (tmp_path / "town.geojson").write_text(json.dumps(data))
    with pytest.raises(InputError, match=message):
        io.read_geojson(tmp_path / "town.geojson")


def with_reference(folder: Path, name: object, where: str = "") -> io.Reading:
    """Read a hall of a file that names a system of coordinates."""
    crs = {"type": "name", "properties": {"name": name}}
    geometry: dict[str, Any] = {"type": "Point", "coordinates": [105, 55]}
    feature: dict[str, Any] = {"type": "Feature", "id": "a", "properties": {}}
    data: dict[str, Any] = {"type": "FeatureCollection", "features": [feature]}
    {"": data, "feature": feature, "geometry": geometry}[where]["crs"] = crs
    feature["geometry"] = geometry
    path = folder / "halls.geojson"
    path.write_text(json.dumps(data), "utf-8")
    return io.read_geojson(path)


@pytest.mark.parametrize("where", ["", "feature", "geometry"])
@pytest.mark.parametrize(
    "name",
    ["urn:ogc:def:crs:EPSG::5555", "EPSG:3857", "EPSG:25833", "CRS83", 4326, None],
)
def test_another_system_of_coordinates_is_refused(
    tmp_path: Path, name: object, where: str
):
    expected = name if isinstance(name, str) else "crs"
    with pytest.raises(InputError, match=f"{expected}.*is not WGS 84"):
        with_reference(tmp_path, name, where)


@pytest.mark.parametrize(
    "name",
    [
        *("urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:OGC::CRS84", "EPSG:4326"),
        *("urn:ogc:def:crs:EPSG::4326", "urn:ogc:def:crs:EPSG:6.9:4326"),
        "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
    ],
)
def test_wgs_84_may_be_named(tmp_path: Path, name: str):
    town = with_reference(tmp_path, name).instance
    assert town.facilities[0].location == (105, 55)


def box(west: float, east: float, south: float = 10, north: float = 20) -> Any:
    corners = [(west, south), (east, south), (east, north), (west, north)]
    return [[*map(list, [*corners, corners[0]])]]


@pytest.mark.parametrize(
    ("polygons", "center"),
    [
        ([box(170, 180), box(-180, -170)], 180),
        ([box(176, 180), box(-180, -170)], -177),
        ([box(170, 180), box(-180, -178)], 176),
        ([box(179, -179)], 180),  # not cut, as it should be
        ([box(170, -170), box(-165, -160)], -176.5),
        ([box(-60, -50), box(50, 60)], 0),
        ([box(-180, 180)], 0),
    ],
)
def test_a_place_on_both_sides_of_the_antimeridian(
    tmp_path: Path, polygons: Any, center: float
):
    path = tmp_path / "islands.geojson"
    shape = {"type": "MultiPolygon", "coordinates": polygons}
    near = {"type": "Point", "coordinates": [polygons[0][0][0][0] + 0.5, 15]}
    features = [
        {"type": "Feature", "id": "isles", "properties": {}, "geometry": shape},
        {"type": "Feature", "id": "hall", "properties": {}, "geometry": near},
    ]
    path.write_text(
        json.dumps({"type": "FeatureCollection", "features": features}), "utf-8"
    )
    town = io.read_geojson(path).instance
    location = town.communities[0].location
    assert location is not None
    turns = (location[0] - center) / 360
    assert math.isclose(turns, round(turns), abs_tol=1e-9)
    assert location[1] == 15
