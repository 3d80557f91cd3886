"""Outlines of communities, for the map of a report: polygons of a GeoJSON file."""

import os
from pathlib import Path

from sharematch.errors import InputError, Problem
from sharematch.io.geo.geojson import name_of, read_features
from sharematch.io.geo.shapes import Point, rings_of
from sharematch.model.arguments import typed
from sharematch.model.instance import Instance
from sharematch.text import Text

__all__ = ["read_outlines"]

_SURFACES = ("Polygon", "MultiPolygon")


@typed
def read_outlines(
    path: str | os.PathLike[str],
    instance: Instance,
    *,
    id_property: str | None = None,
) -> dict[str, list[list[Point]]]:
    """Read the outlines of an instance's communities from a GeoJSON file.

    Parameters
    ----------
    path
        A file with a FeatureCollection, coordinates in longitude and latitude.
    instance
        Whose communities are meant: a feature is one by its id, else by its name.
    id_property
        The property that says which; else the feature's `id`, or its property `id` or
        `name`.

    Returns
    -------
    The rings of each community that has some, by its id. Other features are left out.

    Raises
    ------
    InputError
        When the file is not valid, or has no polygon of any community.

    Examples
    --------
    >>> import json
    >>> from tempfile import mkdtemp
    >>> import sharematch as sm
    >>> ring = [[121.5, 29.8], [121.6, 29.8], [121.6, 29.9], [121.5, 29.8]]
    >>> shape = {"type": "Polygon", "coordinates": [ring]}
    >>> place = {"type": "Feature", "id": "tianfeng", "properties": {}}
    >>> place["geometry"] = shape
    >>> path = Path(mkdtemp(), "town.geojson")
    >>> document = {"type": "FeatureCollection", "features": [place]}
    >>> _ = path.write_text(json.dumps(document))
    >>> town = sm.Instance(communities=[sm.Community(id="tianfeng")])
    >>> [(name, len(rings)) for name, rings in read_outlines(path, town).items()]
    [('tianfeng', 1)]
    """
    path = Path(path)
    ids = {
        community.name: community.id
        for community in instance.communities
        if community.name
    }
    ids |= {community.id: community.id for community in instance.communities}
    rings: dict[str, list[list[Point]]] = {}
    problems: list[Problem] = []
    for number, feature in enumerate(read_features(path), 1):
        if feature["geometry"].get("type") not in _SURFACES:
            continue
        name = f"number {number}"
        try:
            name = name_of(feature, id_property)
            if name in ids:
                rings[ids[name]] = rings_of(feature["geometry"])
        except ValueError as error:
            problems.append(Problem(str(error), "feature", name, source=str(path)))
    if not rings and not problems:
        message = Text("geojson.outlines_no_community")
        problems.append(Problem(message, str(path)))
    if problems:
        raise InputError(problems)
    return rings
