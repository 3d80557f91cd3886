"""GeoJSON (RFC 7946): communities as points or polygons, facilities as points.

A feature says with the property `record` what it is; without one, a polygon is a
community and a point a facility. Other collections are not carried.
"""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sharematch.errors import InputError, Problem
from sharematch.io.carry import Ledger, Note, Reading, instance_of
from sharematch.io.geo.shapes import Point, Shape, nearest, point_of, shape_of
from sharematch.io.native import documents
from sharematch.io.native.atomic import check_suffix, write_text
from sharematch.model.arguments import typed
from sharematch.model.canonical import record_data
from sharematch.model.instance import Instance
from sharematch.model.records import COLLECTIONS
from sharematch.text import Text

__all__ = [
    "Home",
    "features_of",
    "name_of",
    "read_features",
    "read_geojson",
    "write_geojson",
]

CARRIED = ("areas", "communities", "providers", "facilities")
"""The collections that GeoJSON carries whole."""

_WGS_84 = re.compile(
    r"(urn:ogc:def:crs:OGC:(1\.3)?:CRS84|OGC:CRS84|CRS84"
    r"|(urn:ogc:def:crs:)?EPSG:(\d+(\.\d+)*)?:?4326"
    r"|https?://www\.opengis\.net/def/crs/(OGC/1\.3/CRS84|EPSG/0/4326))",
    re.IGNORECASE,
)
_COLLECTION_OF = {COLLECTIONS[name].label(): name for name in CARRIED}
Fields = dict[str, Any]


@typed
def read_geojson(
    path: str | os.PathLike[str], *, id_property: str | None = None
) -> Reading:
    """Read communities and facilities from a GeoJSON file.

    Parameters
    ----------
    path
        A file with a FeatureCollection, coordinates in longitude and latitude.
    id_property
        The property to name records by; else the feature's `id`, or its property `id`
        or `name`.

    Returns
    -------
    An instance of communities (a polygon gives its centroid) and facilities, and notes
    on what was left out. A facility that names no community belongs to the one whose
    polygon it lies in, else to the nearest.

    Raises
    ------
    InputError
        When the file is not valid, with everything that is wrong.

    Examples
    --------
    >>> import json
    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> import sharematch as sm
    >>> path = Path(mkdtemp()) / "town.geojson"
    >>> place = {"type": "Point", "coordinates": [121.5, 29.9]}
    >>> park = {"type": "Feature", "id": "park", "properties": {}, "geometry": place}
    >>> document = {"type": "FeatureCollection", "features": [park]}
    >>> _ = path.write_text(json.dumps(document))
    >>> [(note.record, note.field) for note in sm.io.read_geojson(path).notes]
    [('facility', 'community')]
    """
    path = Path(path)
    ledger = Ledger()
    fields: dict[str, list[Fields]] = {name: [] for name in CARRIED}
    home = Home(ledger)
    problems: list[Problem] = []
    for number, feature in enumerate(read_features(path), 1):
        name = f"number {number}"
        try:
            name = name_of(feature, id_property)
            row = _record(name, feature, home, ledger)
        except ValueError as error:
            about = ("feature", name)
            problems.append(Problem(str(error), *about, source=str(path)))
            continue
        if row is not None:
            fields[row[0]].append(row[1])
    if problems:
        raise InputError(problems)
    for facility in fields["facilities"]:
        if "community" not in facility:
            point = facility.get("location")
            facility["community"] = home.of(facility["id"], point, fields)
    _add_areas(fields, ledger)
    return Reading(instance_of(fields, path), ledger.notes)


def read_features(path: Path) -> Iterator[Mapping[str, Any]]:
    """Yield the features of a file: mappings with `properties` and `geometry`.

    Raises
    ------
    InputError
        When the file is no GeoJSON.
    """
    return features_of(documents.read_json(path), path)


def features_of(data: Any, path: Path) -> Iterator[Mapping[str, Any]]:
    """Yield the features of the content of a file, as `read_features`."""
    kind = data.get("type") if isinstance(data, dict) else None
    features = [data] if kind == "Feature" else None
    if kind == "FeatureCollection":
        features = data.get("features")
    if not isinstance(features, list):
        message = Text("geojson.is_no_geojson_a_featurecollection_with")
        raise InputError([Problem(message, str(path))])
    _check_reference(data, path)
    for number, feature in enumerate(features, 1):
        parts = feature if isinstance(feature, dict) else {}
        geometry, properties = parts.get("geometry"), parts.get("properties")
        if not isinstance(geometry, dict | None) or not isinstance(
            properties, dict | None
        ):
            message = Text("geojson.must_have_properties_and_a_geometry")
            raise InputError(
                [Problem(message, "feature", f"number {number}", source=str(path))]
            )
        _check_reference(parts, path)
        _check_reference(geometry or {}, path)
        yield {**parts, "geometry": geometry or {}, "properties": properties or {}}


def _check_reference(part: Mapping[str, Any], path: Path) -> None:
    """Refuse coordinates of another system than WGS 84, as files before 2016 may name.

    Raises
    ------
    InputError
        With the name of the system.
    """
    crs = part.get("crs")
    if crs is None:
        return
    properties = crs.get("properties") if isinstance(crs, dict) else None
    named = properties if isinstance(properties, dict) else {}
    name = str(named.get("name") or named.get("href") or crs)
    if not _WGS_84.fullmatch(name.strip()):
        message = Text("osm.is_not_wgs_84_the_only")
        hint = Text("osm.convert_the_file_to_longitude_and")
        about = Problem(message, str(path), field="crs", value=name[:60], hint=hint)
        raise InputError([about])


class Home:
    """Says which community a place belongs to that names none."""

    def __init__(self, ledger: Ledger) -> None:
        self.shapes: dict[str, Shape] = {}
        self._ledger = ledger

    def of(
        self, name: str, point: Point | None, fields: dict[str, list[Fields]]
    ) -> str:
        """Return the id of a community; add one if there are none."""
        communities = fields["communities"]
        if point is not None:
            for home, shape in self.shapes.items():
                if point in shape:
                    return home
        if not communities:
            communities.append({"id": "everyone"})
        places = {
            row["id"]: tuple(row["location"])
            for row in communities
            if "location" in row
        }
        if len(communities) == 1 or point is None or not places:
            home = communities[0]["id"]
            self._ledger.assumed("facility", "community", name, home)
            return str(home)
        self._ledger.assumed("facility", "community", name, Text("carry.the_nearest"))
        return nearest(point, places)


def name_of(feature: Mapping[str, Any], id_property: str | None) -> str:
    """Return what a feature is called. Raises ValueError if it says nothing of it."""
    properties = feature["properties"]
    if id_property is not None:
        name = properties.get(id_property)
    else:
        candidates = (feature.get("id"), properties.get("id"), properties.get("name"))
        name = next((c for c in candidates if c not in (None, "")), None)
    if isinstance(name, bool) or not isinstance(name, str | int):
        raise ValueError(
            Text(
                "geojson.must_have", what=id_property or Text("geojson.an_id_or_a_name")
            )
        )
    return str(name)


def _record(
    name: str, feature: Mapping[str, Any], home: Home, ledger: Ledger
) -> tuple[str, Fields] | None:
    """Return collection and fields of a feature, None if it is neither.

    Raises ValueError when it is not valid.
    """
    properties, geometry = dict(feature["properties"]), feature["geometry"]
    record = properties.pop("record", None)
    if isinstance(record, str) and record in _COLLECTION_OF:
        collection = _COLLECTION_OF[record]
    elif record is not None or str(geometry.get("type")) not in _PLACES:
        what = record if record is not None else geometry.get("type")
        ledger.lost(
            "feature",
            "",
            name,
            Text("carry.neither_a_community_nor_a_place", what=str(what)[:30]),
        )
        return None
    else:
        collection = _PLACES[geometry["type"]]
    row: Fields = {"id": name}
    place = _place(name, collection, geometry, home, ledger)
    if place is not None:
        row["location"] = place
    if record is None:
        row |= _plain(collection, name, properties, ledger)
    else:
        known = COLLECTIONS[collection].model_fields
        row |= {k: v for k, v in properties.items() if k in known and k not in row}
        ledger.lost_rest(record, name, properties, known)
    return collection, row


_PLACES = {
    "Point": "facilities",
    "Polygon": "communities",
    "MultiPolygon": "communities",
}


def _place(
    name: str, collection: str, geometry: Mapping[str, Any], home: Home, ledger: Ledger
) -> Point | None:
    """Return where a record is; note its shape. Raises ValueError if that is wrong."""
    kind = str(geometry.get("type"))
    if kind not in _PLACES or collection in ("areas", "providers"):
        return None
    if kind == "Point":
        return point_of(geometry.get("coordinates"))
    ledger.lost("feature", "geometry", name, Text("carry.of_a_polygon_the_center_is"))
    shape = shape_of(geometry)
    if collection == "communities":
        home.shapes[name] = shape
    return shape.center


def _plain(
    collection: str, name: str, properties: Fields, ledger: Ledger
) -> dict[str, Any]:
    """Return what a feature of somebody else's says that fits a field of ours."""
    taken: Fields = {}
    types: dict[str, type] = {"community": str}
    if collection == "communities":
        types = {"area": str, "population": int}
    for key, wanted in types.items():
        value = properties.get(key)
        if type(value) is wanted and value not in ("", -1):
            taken[key] = value
    known = {*taken, "id", "name"}
    ledger.lost_rest(COLLECTIONS[collection].label(), name, properties, known)
    return taken


def _add_areas(fields: dict[str, list[Fields]], ledger: Ledger) -> None:
    """Make the areas that communities name and no feature describes."""
    if fields["areas"]:
        return
    named = [row.get("area") for row in fields["communities"]]
    for area in dict.fromkeys(name for name in named if isinstance(name, str)):
        fields["areas"].append({"id": area, "level": "area"})
        ledger.assumed("area", "level", area, "area")


@typed
def write_geojson(instance: Instance, path: str | os.PathLike[str]) -> tuple[Note, ...]:
    """Write communities and facilities, with areas and providers, as GeoJSON.

    Returns
    -------
    Notes on what GeoJSON does not carry.

    Raises
    ------
    InputError
        When the path cannot be written.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> path = Path(mkdtemp()) / "town.geojson"
    >>> notes = sm.io.write_geojson(town, path)
    >>> path.exists()
    True
    """
    ledger = Ledger()
    is_geo = instance.travel.metric == "geo"
    features = []
    for collection in CARRIED:
        record = COLLECTIONS[collection].label()
        for item in sorted(getattr(instance, collection), key=lambda item: item.id):
            row = record_data(item)
            point = row.pop("location", None)
            if point is not None and not is_geo:
                ledger.lost(
                    record, "location", item.id, Text("carry.in_km_not_in_degrees")
                )
            features.append(
                {
                    "type": "Feature",
                    "id": item.id,
                    "geometry": {"type": "Point", "coordinates": point}
                    if point is not None and is_geo
                    else None,
                    "properties": {"record": record, **row},
                }
            )
    whole = {name: [*COLLECTIONS[name].model_fields] for name in CARRIED}
    ledger.lost_records(instance, whole)
    data = {"type": "FeatureCollection", "features": features}
    check_suffix(path, ".geojson", ".json")
    write_text(path, documents.json_text(data))
    return ledger.notes
