"""OpenStreetMap: places with opening hours and wheelchair tags as facilities and slots.

Reads GeoJSON with tags as properties, and what Overpass answers in JSON. The grammar of
`opening_hours` is that of the package opening-hours-py (extra `osm`).
"""

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sharematch.errors import InputError, Problem
from sharematch.io import documents
from sharematch.io.carry import Ledger, Reading, instance_of
from sharematch.io.geojson import Home, features_of
from sharematch.io.shapes import Point, point_of, shape_of
from sharematch.model.canonical import record_data
from sharematch.model.records import Community
from sharematch.openings import Cutting, Offer, Span, cut

__all__ = ["hours_of", "read_osm"]

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
LONGEST_HOURS = 1000
_NO_KIND = re.compile(r"[/;\s]+")
Fields = dict[str, Any]


@dataclass(frozen=True)
class _Place:
    id: str
    tags: Mapping[str, str]
    point: Point


def read_osm(
    path: str | os.PathLike[str],
    cutting: Cutting,
    *,
    kinds: Mapping[str, str] | None = None,
    communities: Iterable[Community] = (),
    country: str | None = None,
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
        Code such as "FI", for the public holidays that hours may name.

    Returns
    -------
    Facilities with the feature "step-free" (wheelchair yes) or "partly step-free"
    (limited), slots in their opening hours, providers, and notes on all else.

    Raises
    ------
    InputError
        When the file is not valid, or opening-hours-py is not installed.
    """
    path = Path(path)
    ledger = Ledger()
    places = list(_places(path, kinds, ledger))
    names = Counter(place.tags.get("name") for place in places)
    fields: dict[str, list[Any]] = {
        "communities": [record_data(community) for community in communities],
        "facilities": [],
    }
    providers: dict[str, Fields] = {}
    home = Home(ledger)
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
            ledger.assumed("place", "opening_hours", name, "none known, so no slots")
        else:
            terms = {"facility": name, "kinds": [_kind(place.tags, kinds)]}
            terms |= _slot_terms(name, place.tags, cutting, ledger)
            spans = hours_of(hours, cutting, name, ledger, country)
            offers.append(Offer(name, spans, terms))
        ledger.lost_rest("place", name, place.tags, CARRIED)
    made = cut(offers, cutting)
    for name, _ in made.rests:
        ledger.lost("place", "opening_hours", name, "rests shorter than a slot")
    fields |= {"providers": [*providers.values()], "slots": made.slots}
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
            ledger.lost("place", "", name, "of no kind asked for")
        elif texts.get("access") in ("private", "no"):
            ledger.lost("place", "", name, "not open to the public")
        else:
            try:
                yield _Place(name or f"number {number}", texts, where())
            except ValueError as error:
                problems.append(Problem(str(error), "place", name, source=str(path)))
    if problems:
        raise InputError(problems)


def _texts(tags: Mapping[str, Any], name: str, ledger: Ledger) -> dict[str, str]:
    """Return tags as text; note those that are none."""
    texts = {}
    for key, value in tags.items():
        if isinstance(value, str | int | Decimal) and not isinstance(value, bool):
            texts[key] = str(value)
        elif value is not None:
            ledger.lost("place", key[:60], name, "no text")
    return texts


def _elements(path: Path) -> Iterator[tuple[str, Mapping[str, Any], Any]]:
    """Yield id, tags, and what computes the point of each element of a file."""
    data = documents.read_json(path)
    elements = data.get("elements") if isinstance(data, dict) else None
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
        center = element.get("center")
        at = center if isinstance(center, dict) else element
        yield name, element["tags"], lambda a=at: point_of([a.get("lon"), a.get("lat")])


def _center(geometry: Mapping[str, Any]) -> Point:
    if geometry.get("type") == "Point":
        return point_of(geometry.get("coordinates"))
    if geometry.get("type") in ("Polygon", "MultiPolygon"):
        return shape_of(geometry).center
    raise ValueError("must be a point or a polygon")


def _kind(tags: Mapping[str, str], kinds: Mapping[str, str] | None) -> str | None:
    key, _, value = tags.get("kind", "").partition("=")
    found = {key: value} if value else {}
    found |= {key: tags[key] for key in KIND_KEYS if key in tags}
    for key, value in found.items():
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


def _slot_terms(
    name: str, tags: Mapping[str, str], cutting: Cutting, ledger: Ledger
) -> Fields:
    """Return capacity and fee of a facility's slots."""
    terms: Fields = {}
    capacity = tags.get("capacity", "")
    if re.fullmatch(r"[1-9]\d{0,8}", capacity, re.ASCII):
        terms["capacity"] = int(capacity)
    else:
        ledger.assumed("slot", "capacity", name, str(cutting.capacity))
    charge = re.match(r"(\d{1,9}([.]\d{1,2})?)\s", f"{tags.get('charge', '')} ")
    if charge and charge[1].isascii():
        terms["fee"] = charge[1]
    elif tags.get("fee", "no") != "no":
        ledger.lost("place", "fee", name, "no amount is said")
    return terms


def hours_of(
    text: str, cutting: Cutting, name: str, ledger: Ledger, country: str | None = None
) -> list[Span]:
    """Return the openings that an `opening_hours` tag says, within the days asked for.

    What is unknown, has conditions in words, or cannot be read is noted.

    Raises
    ------
    InputError
        When opening-hours-py is not installed, or does not know the country.
    """
    hours = _parsed(text, country)
    if hours is None:
        ledger.lost("place", "opening_hours", name, f"cannot be read: {text[:60]}")
        return []
    if country is None and re.search(r"\b(PH|SH)\b", text):
        ledger.lost("place", "opening_hours", name, "holidays of no known country")
    if re.search(r"sun(rise|set)|dawn|dusk", text):
        ledger.assumed("place", "opening_hours", name, "the sun rises at 7, sets at 19")
    spans = []
    start = datetime.combine(cutting.first, time())
    end = datetime.combine(cutting.last + timedelta(days=1), time())
    for begin, until, state, comment in hours.intervals(start, end):
        if str(state) == "unknown":
            ledger.lost("place", "opening_hours", name, "hours that may be open")
        elif str(state) == "open":
            spans.append((cutting.local(begin), cutting.local(until or end)))
            if comment:
                ledger.lost("place", "opening_hours", name, f"in words: {comment[:60]}")
    return spans


def _parsed(text: str, country: str | None) -> Any:
    """Return the hours of a tag, None where it cannot be read."""
    try:
        import opening_hours as package
    except ImportError:
        hint = "pip install 'sharematch[osm]'"
        message = "needs opening-hours-py to be read"
        raise InputError([Problem(message, field="opening_hours", hint=hint)]) from None
    module: Any = package
    try:
        if len(text) <= LONGEST_HOURS:
            return module.OpeningHours(text, country=country)
    except module.UnknownCountryError:
        hint = 'a code such as "FI"'
        message = "is no country known here"
        about = Problem(message, field="country", value=str(country)[:20], hint=hint)
        raise InputError([about]) from None
    except module.ParserError:
        pass
    return None
