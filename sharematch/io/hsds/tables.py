"""The tables of Open Referral HSDS, versions 1 to 3.1, and their fields."""

from typing import Any

__all__ = [
    "ENTITIES",
    "FIELDS",
    "OLDER",
    "Placed",
    "Row",
    "Tables",
    "entity_of",
]

Row = dict[str, Any]


class Placed(dict[str, Any]):
    """A row that knows where it was read; `problem` says what is wrong with it."""

    where = ""
    problem = ""


Tables = dict[str, list[Row]]

FIELDS: dict[str, tuple[str, ...]] = {
    "organization": ("id", "name", "description"),
    "location": (
        *("id", "location_type", "name", "organization_id", "latitude", "longitude"),
    ),
    "service": ("id", "organization_id", "name", "status"),
    "service_at_location": ("id", "service_id", "location_id"),
    "schedule": (
        *("id", "service_id", "location_id", "service_at_location_id"),
        *("valid_from", "valid_to", "dtstart", "timezone", "until", "count", "wkst"),
        *("freq", "interval", "byday", "byweekno", "bymonthday", "byyearday"),
        *("opens_at", "closes_at"),
    ),
    "service_capacity": (
        *("id", "service_id", "unit_id", "available", "maximum", "updated"),
    ),
    "unit": ("id", "name"),
    "cost_option": (
        *("id", "service_id", "valid_from", "valid_to", "currency", "amount"),
    ),
    "accessibility": ("id", "location_id", "description"),
    "attribute": ("id", "link_id", "link_entity", "taxonomy_term_id", "value"),
    "taxonomy_term": ("id", "name", "description", "taxonomy"),
}
"""The entities that are read and written, and the fields of each that are carried."""

OLDER: dict[str, tuple[str, ...]] = {
    "regular_schedule": (
        *("id", "service_id", "location_id", "service_at_location_id"),
        *("weekday", "opens_at", "closes_at"),
    ),
    "holiday_schedule": (
        *("id", "service_id", "location_id", "service_at_location_id"),
        *("closed", "opens_at", "closes_at", "start_date", "end_date"),
    ),
    "accessibility_for_disabilities": ("id", "location_id", "accessibility"),
    "service_taxonomy": ("id", "service_id", "taxonomy_id"),
    "service_attribute": ("id", "service_id", "taxonomy_term_id"),
    "other_attribute": ("id", "link_id", "link_type", "taxonomy_term_id"),
    "taxonomy": ("id", "name", "vocabulary"),
}
"""The entities of versions 1 and 2, which are read; `taxonomy` is another in 3."""

ENTITIES: dict[str, str] = {
    "organization": "organizations.csv",
    "location": "locations.csv",
    "service": "services.csv",
    "service_at_location": "service_at_location.csv",
    "schedule": "schedules.csv",
    "service_capacity": "service_capacity.csv",
    "unit": "units.csv",
    "cost_option": "cost_options.csv",
    "accessibility": "accessibility.csv",
    "attribute": "attributes.csv",
    "taxonomy_term": "taxonomy_terms.csv",
}
"""The file of each entity in a data package."""

_ALIASES = {
    "services_at_location": "service_at_location",
    "services_at_locations": "service_at_location",
    "services_taxonomy": "service_taxonomy",
    "services_taxonomies": "service_taxonomy",
    "service_taxonomies": "service_taxonomy",
    "taxonomies": "taxonomy",
}


def entity_of(name: str) -> str | None:
    """Return the entity that a table or a file is named by."""
    plain = name.lower().rpartition("/")[2].removesuffix(".csv")
    if plain in _ALIASES:
        return _ALIASES[plain]
    for entity in (*ENTITIES, *OLDER):
        if plain in (entity, f"{entity}s", f"{entity[:-1]}ies"):
            return entity
    return None
