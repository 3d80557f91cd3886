"""OpenStreetMap: places with opening hours and wheelchair tags as facilities and slots.

Reads GeoJSON with tags as properties, and what Overpass answers in JSON. The grammar of
`opening_hours` is that of the package opening-hours-py (extra `osm`).
"""

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from sharematch.errors import InputError, Problem
from sharematch.io.carry import Ledger, Reading, in_one_line, instance_of
from sharematch.io.geo.charges import Charges
from sharematch.io.geo.geojson import Home, features_of
from sharematch.io.geo.hours import hours_of
from sharematch.io.geo.shapes import Point, point_of, shape_of
from sharematch.io.native import documents
from sharematch.io.openings import Cutting, Offer, cut
from sharematch.model.arguments import typed
from sharematch.model.canonical import record_data
from sharematch.model.places import Community
from sharematch.text import Text

__all__ = ["read_osm"]

KIND_KEYS = (
    *("amenity", "healthcare", "leisure", "social_facility", "club", "office"),
    *("craft", "shop", "tourism", "sport"),
)
"""Tags that say what a place is; the first one there names the kind of its slots."""

WHEELCHAIR = {
    "yes": "step-free",
    "designated": "step-free",
    "limited": "partly step-free",
}
SECTORS = {
    **dict.fromkeys(("public", "government"), "public"),
    **dict.fromkeys(("private", "business"), "market"),
    **dict.fromkeys(("community", "ngo", "religious", "charity"), "volunteer"),
}
CARRIED = {
    *KIND_KEYS,
    *("name", "kind", "osm_type", "osm_id", "opening_hours", "wheelchair", "operator"),
    *("operator:type", "fee", "charge", "capacity", "access"),
}
_WITHOUT_CENTER = "osm.has_no_center"
_CENTER_HINT = "osm.end_the_query_with_out_center"
_NO_KIND = re.compile(r"[/;\s]+")
Fields = dict[str, Any]


@dataclass(frozen=True)
class _Place:
    id: str
    tags: Mapping[str, str]
    point: Point


@typed
def read_osm(
    path: str | os.PathLike[str],
    cutting: Cutting,
    *,
    kinds: Mapping[str, str] | None = None,
    communities: Iterable[Community] = (),
    country: str | None = None,
    open_end: time | None = None,
    school_holidays: Iterable[date] | None = None,
    fee: Decimal | None = None,
) -> Reading:
    """Read facilities with their slots from places of OpenStreetMap.

    Parameters
    ----------
    path
        GeoJSON with tags as properties, or the JSON of an Overpass answer.
    cutting
        Days, zone and length of the slots; its `capacity` holds where no tag says one.
    kinds
        Which places to read, and the kind of their slots: from tag, such as
        "amenity=library", to kind, such as "culture/library". Without it, all places,
        kinds as "amenity/library".
    communities
        A facility belongs to the nearest; without any, all to one.
    country
        Code such as "FI", or "DE-BE" with its region, for the public holidays that
        hours may name.
    open_end
        When hours close of which only the start is said, such as "18:00+". Without it
        they are not offered.
    school_holidays
        The days of school holidays. Without them, where hours name them, only what is
        open with and without is offered.
    fee
        What places cost that cost something, it is not said how much. Without it they
        have no slots.

    Returns
    -------
    Facilities with the feature "step-free" (wheelchair yes) or "partly step-free"
    (limited), slots in their opening hours, providers, and notes on all else.

    Raises
    ------
    InputError
        When the file is not valid, or opening-hours-py is not installed.

    Examples
    --------
    >>> import json
    >>> from datetime import date
    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> import sharematch as sm
    >>> path = Path(mkdtemp()) / "osm.json"
    >>> tags = {"amenity": "library", "name": "Library"}
    >>> node = {"type": "node", "id": 1, "lat": 29.87, "lon": 121.55, "tags": tags}
    >>> _ = path.write_text(json.dumps({"elements": [node]}))
    >>> cutting = sm.openings.Cutting(first=date(2026, 12, 7), last=date(2026, 12, 13))
    >>> reading = sm.io.read_osm(path, cutting, kinds={"amenity=library": "books"})
    >>> len(reading.instance.facilities)
    1
    """
    path = Path(path)
    ledger = Ledger()
    places = list(_places(path, kinds, ledger))
    names = Counter(place.tags.get("name") for place in places)
    fields: dict[str, Any] = {
        "communities": [record_data(community) for community in communities],
        "facilities": [],
    }
    providers: dict[str, Fields] = {}
    home = Home(ledger)
    school = None if school_holidays is None else frozenset(school_holidays)
    charges = Charges(fee, ledger)
    offers = []
    for place in places:
        name = place.tags.get("name") or place.id
        if names[place.tags.get("name")] > 1 and name != place.id:
            name = f"{name} ({place.id})"
        facility = {
            "id": name,
            "community": home.of(name, place.point, fields),
            "location": place.point,
            **_terms(name, place.tags, providers, ledger),
        }
        fields["facilities"].append(facility)
        hours = place.tags.get("opening_hours")
        if hours is None:
            ledger.assumed(
                "place", "opening_hours", name, Text("carry.none_known_so_no_slots")
            )
        else:
            terms = {"facility": name, "kinds": [_kind(place.tags, kinds)]}
            terms |= _capacity(name, place.tags, cutting, ledger)
            charge = charges.of(name, place.tags)
            spans = hours_of(
                *(hours, cutting, name, ledger, country),
                open_end=open_end,
                school_holidays=school,
                at=place.point,
            )
            if charge is not None:
                offers.append(Offer(name, spans, terms, price=charge.price))
        ledger.lost_rest("place", name, place.tags, CARRIED)
    made = cut(offers, cutting)
    for name, _ in made.rests:
        ledger.lost(
            "place", "opening_hours", name, Text("carry.rests_shorter_than_a_slot")
        )
    fields |= {"providers": [*providers.values()], "slots": made.slots}
    fields |= charges.currency()
    return Reading(instance_of(fields, path), ledger.notes)


def _places(
    path: Path, kinds: Mapping[str, str] | None, ledger: Ledger
) -> Iterator[_Place]:
    """Yield the places that are read; note the others."""
    problems = []
    for number, (name, tags, where) in enumerate(_elements(path), 1):
        texts = _texts(tags, name, ledger)
        kind = _kind(texts, kinds)
        if kind is None:
            ledger.lost("place", "", name, Text("carry.of_no_kind_asked_for"))
        elif texts.get("access") in ("private", "no"):
            ledger.lost("place", "", name, Text("carry.not_open_to_the_public"))
        else:
            try:
                yield _Place(name or f"number {number}", texts, where())
            except ValueError as error:
                message, about = str(error), ("place", name)
                hint = _CENTER_HINT if message == _WITHOUT_CENTER else ""
                fault = Problem(message, *about, source=str(path), hint=hint)
                problems.append(fault)
    if problems:
        raise InputError(problems)


def _texts(tags: Mapping[str, Any], name: str, ledger: Ledger) -> dict[str, str]:
    """Return tags as text; note those that are none."""
    texts = {}
    for key, value in tags.items():
        if isinstance(value, str | int | Decimal) and not isinstance(value, bool):
            texts[key] = in_one_line(str(value))
        elif value is not None:
            ledger.lost("place", key[:60], name, Text("carry.no_text"))
    return texts


def _elements(path: Path) -> Iterator[tuple[str, Mapping[str, Any], Any]]:
    """Yield id, tags, and what computes the point of each element of a file."""
    data = documents.read_json(path)
    elements = data.get("elements") if isinstance(data, dict) else None
    remark = data.get("remark") if isinstance(data, dict) else None
    if isinstance(elements, list) and isinstance(remark, str) and "error" in remark:
        message = Text("osm.is_not_complete", remark=remark)
        raise InputError([Problem(message[:200], str(path))])
    if not isinstance(elements, list):
        for feature in features_of(data, path):
            geometry = feature["geometry"]
            name = feature.get("id")
            yield str(name or ""), feature["properties"], lambda g=geometry: _center(g)
        return
    for element in elements:
        if not isinstance(element, dict) or not isinstance(element.get("tags"), dict):
            continue  # a node of a way: it says nothing by itself
        name = f"{element.get('type')}/{element.get('id')}"
        yield name, element["tags"], lambda e=element: _place_of(e)


def _place_of(element: Mapping[str, Any]) -> Point:
    """Return where an element of Overpass is."""
    center = element.get("center")
    coordinates = center if isinstance(center, dict) else element
    if "lat" not in coordinates and element.get("type") != "node":
        raise ValueError(_WITHOUT_CENTER)
    return point_of([coordinates.get("lon"), coordinates.get("lat")])


def _center(geometry: Mapping[str, Any]) -> Point:
    if geometry.get("type") == "Point":
        return point_of(geometry.get("coordinates"))
    if geometry.get("type") in ("Polygon", "MultiPolygon"):
        return shape_of(geometry).center
    raise ValueError(Text("geojson.must_be_a_point_or_a"))


def _kind(tags: Mapping[str, str], kinds: Mapping[str, str] | None) -> str | None:
    key, _, value = tags.get("kind", "").partition("=")
    kind_tags = {key: value} if value else {}
    kind_tags |= {key: tags[key] for key in KIND_KEYS if key in tags}
    for key, value in kind_tags.items():
        if kinds is not None and f"{key}={value}" in kinds:
            return kinds[f"{key}={value}"]
        if kinds is None:
            return f"{key}/{_NO_KIND.sub('_', value) or 'yes'}"
    return None


def _terms(
    name: str, tags: Mapping[str, str], providers: dict[str, Fields], ledger: Ledger
) -> Fields:
    """Return features and provider of a facility; add the provider if it is new."""
    terms: Fields = {}
    wheelchair = tags.get("wheelchair")
    if wheelchair in WHEELCHAIR:
        terms["features"] = [WHEELCHAIR[wheelchair]]
    elif wheelchair not in (None, "no"):
        ledger.lost("place", "wheelchair", name, wheelchair[:40])
    if operator := tags.get("operator"):
        terms["provider"] = operator
        if operator not in providers:
            sector = SECTORS.get(tags.get("operator:type", ""))
            if sector is None:
                ledger.assumed("provider", "sector", operator, "host")
            providers[operator] = {"id": operator, "sector": sector or "host"}
    return terms


def _capacity(
    name: str, tags: Mapping[str, str], cutting: Cutting, ledger: Ledger
) -> Fields:
    """Return the capacity of a facility's slots."""
    capacity = tags.get("capacity", "")
    if re.fullmatch(r"[1-9]\d{0,8}", capacity, re.ASCII):
        return {"capacity": int(capacity)}
    ledger.assumed("slot", "capacity", name, str(cutting.capacity))
    return {}
