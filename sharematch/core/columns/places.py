"""Columns of places: areas, communities, providers, facilities, when these are shut."""

from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.codes import CONSENTS, NONE, SECTORS
from sharematch.core.columns.reading import (
    frozen,
    in_rows,
    labels,
    numbers,
    past,
    points,
    spans,
    weeks,
)
from sharematch.core.columns.records import Records

__all__ = ["place_columns"]

Ints = NDArray[np.int64]


def place_columns(records: Records) -> dict[str, Any]:
    """Return the columns of all that has a place, but for slots."""
    return {**_community_columns(records), **_facility_columns(records)}


def _community_columns(records: Records) -> dict[str, Any]:
    areas, communities = records.areas, records.communities
    area_parent = numbers(areas, "parent", records.area_at.__getitem__)
    community_area = numbers(communities, "area", records.area_at.__getitem__)
    entitlement, entitled = communities.field("entitlement")
    entitlements = [None if x is None else Fraction(x) for x in entitlement]
    which = range(communities.count) if entitled is None else entitled.tolist()
    past_of = partial(past, records.past, "community", position_of=records.community_at)
    return {
        "area_ids": tuple(records.area_at),
        "area_parent": area_parent,
        "area_level": numbers(areas, "level", records.levels.index),
        "levels": tuple(records.levels),
        "community_ids": tuple(records.community_at),
        "community_area": community_area,
        "community_ancestors": _ancestors(
            community_area, area_parent, len(records.levels)
        ),
        "community_xy": points(communities),
        "community_population": numbers(communities, "population"),
        "community_entitlement": tuple(entitlements[i] for i in which),
        "community_tags": labels(communities, "tags"),
        "community_past_served": past_of("served"),
        "community_past_demand": past_of("demand"),
    }


def _facility_columns(records: Records) -> dict[str, Any]:
    providers, facilities = records.providers, records.facilities
    closed, shut = spans(facilities, "closed"), weeks(facilities, "closed")
    community_at = records.community_at.__getitem__
    provider_at = records.provider_at.__getitem__
    return {
        "provider_ids": tuple(records.provider_at),
        "provider_sector": numbers(providers, "sector", SECTORS.index),
        "provider_community": numbers(providers, "community", community_at),
        "facility_ids": tuple(records.facility_at),
        "facility_community": numbers(facilities, "community", community_at),
        "facility_provider": numbers(facilities, "provider", provider_at),
        "facility_xy": points(facilities),
        "facility_features": labels(facilities, "features", records.features),
        "facility_max_units": numbers(facilities, "max_units"),
        "facility_opening_cost": numbers(facilities, "opening_cost", records.minor),
        "facility_setup": numbers(facilities, "setup"),
        "facility_is_standing": frozen(
            numbers(facilities, "consent", CONSENTS.index).astype(bool)
        ),
        "facility_parts": tuple(in_rows(facilities, "parts")),
        "closed_facility": closed[0],
        "closed_start": closed[1],
        "closed_end": closed[2],
        "shut_facility": shut[0],
        "shut_start": shut[1],
        "shut_minutes": shut[2],
    }


def _ancestors(community_area: Ints, area_parent: Ints, heights: int) -> Ints:
    ancestors = np.full((heights, len(community_area)), NONE, np.int64)
    area = community_area
    for height in range(heights):
        ancestors[height] = area
        if len(area_parent):
            area = np.where(area == NONE, NONE, area_parent[area])
    return frozen(ancestors)
