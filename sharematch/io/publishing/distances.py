"""Distances in bands: how far it is, but not from where.

One exact distance to each of a few known places tells a home; even bands do once
there are many places. So homes are moved to the middle of a square as wide as a band
first, and nothing tells where in it they are.
"""

from collections.abc import Sequence
from dataclasses import replace
from math import ceil, floor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.eligibility.travel import EARTH_RADIUS, UNKNOWN, Travel
from sharematch.core.measures.admission import bound_of
from sharematch.core.measures.measures import Measures
from sharematch.io.publishing.terms import is_over_travel

__all__ = ["in_bands"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def in_bands(measures: Measures, rules: Sequence[Any], band: int) -> Ints:
    """Return the travel of each arc as the lower end of a band, in m or s.

    Parameters
    ----------
    rules
        Who may travel how far by a rule is known of every pair that is left: bands
        that a moved home would put beyond are those of the rule.
    band
        The width of bands and squares; with 1 travel is exact.
    """
    exact = measures.arcs.distance
    if band == 1:
        return exact
    columns, arcs = measures.columns, measures.arcs
    moved = replace(columns, need_xy=_in_squares(columns, band))
    travel = Travel(moved).between(arcs.need, arcs.slot)
    # Where no distance is known, sums count the largest one that is.
    travel = np.where(arcs.travel == UNKNOWN, exact, travel) // band * band
    for rule in rules:
        if is_over_travel(rule) and rule.by == "assignment":
            bound = bound_of(columns, rule)
            if rule.op == "at_most":
                kept = np.minimum(travel, floor(bound / band) * band)
            else:
                kept = np.maximum(travel, ceil(bound / band) * band)
            travel = np.where(measures.mask(rule.measure, rule.where), kept, travel)
    return travel


def _in_squares(columns: Columns, band: int) -> Floats:
    """Return the middle of the square in which each need is, NaN where not known."""
    xy = np.where(
        np.isnan(columns.need_xy),
        columns.community_xy[columns.need_community],
        columns.need_xy,
    )
    per_km = Travel(columns).per_km
    if not per_km > 0:  # distances do not follow from places
        return xy
    side = band / per_km
    if columns.metric == "plane":
        return (np.floor(xy / side) + 0.5) * side
    north = np.degrees(side / EARTH_RADIUS)
    latitude = np.clip((np.floor(xy[:, 1] / north) + 0.5) * north, -90, 90)
    # Near the poles a square is no narrower than a degree is long.
    east = north / np.maximum(np.cos(np.radians(latitude)), north / 360)
    longitude = (np.floor(xy[:, 0] / east) + 0.5) * east
    return np.stack((longitude, latitude), axis=1)
