"""Travel: how far it is from needs to slots, in whole metres or seconds.

    over links   the shortest path from community to facility (Dijkstra, 1959)
    else         detour × distance between locations, on the plane or the globe,
                 ÷ speed where travel is time; rounded, halves up

Unknown where neither is known. Who may travel how far is the business of `arcs`.

Example: links a → b of 3 and b → c of 4 minutes, c without a location: from a to a
facility in c 7 minutes, and from c to a unknown, unless links go both ways.
"""

from collections.abc import Iterator
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.codes import NONE
from sharematch.errors import InputError, Problem
from sharematch.text import Text

__all__ = ["UNKNOWN", "Paths", "Travel"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

UNKNOWN = -1
"""Stands for a distance that is not known; it satisfies no limit."""

EARTH_RADIUS = 6371.0088
"""In km."""

_HALF = 0.5 + 1e-7
"""Rounds halves up, also such that binary fractions put just below.

A tenth of a micrometre: more than doubles are off, less than any place is known.
"""

LONGEST = 2**53
"""In metres or seconds; up to it sums of floats are exact."""

_CHUNK = 1 << 22
"""Path lengths held at once: 32 MB."""


class Paths(NamedTuple):
    """Paths between communities and facilities, sorted by community and facility."""

    community: Ints
    facility: Ints
    travel: Ints

    @classmethod
    def none(cls) -> "Paths":
        """Return no paths."""
        empty = np.zeros(0, np.int64)
        return cls(empty, empty, empty)


class Travel:
    """The travel of any pairs of one instance."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns

    @cached_property
    def has_links(self) -> bool:
        """Whether paths are known."""
        return len(self.columns.link_source) > 0

    @cached_property
    def is_nowhere(self) -> bool:
        """Whether nothing at all is known, so that everything is at distance 0."""
        columns = self.columns
        places = (columns.community_xy, columns.facility_xy, columns.need_xy)
        return not self.has_links and all(np.isnan(xy).all() for xy in places)

    @property
    def may_be_too_far(self) -> bool:
        """Whether some pair may lie farther apart than can be counted."""
        along_all_links = float(self.columns.link_travel.sum(dtype=np.float64))
        points = np.concatenate((self.need_points, self.facility_points))
        points = points[~np.isnan(points[:, 0])]
        across = float(np.linalg.norm(np.ptp(points, axis=0))) if len(points) else 0.0
        # Around the globe it is half as far again as straight through; 2 to be sure.
        return max(along_all_links, 2 * across * self.per_km) >= LONGEST

    def between(self, need: Ints, slot: Ints) -> Ints:
        """Return whole metres or seconds of pairs, UNKNOWN where not known."""
        if self.is_nowhere:
            return np.zeros(len(need), np.int64)
        facility = self.columns.slot_facility[slot]
        if not self.has_links:
            return self._direct(need, facility)
        travel = np.full(len(need), UNKNOWN, np.int64)
        community = self.columns.need_community[need]
        visiting = self.columns.slot_radius[slot] != NONE
        for way in (False, True):
            of_way = np.flatnonzero(visiting == way)
            travel[of_way] = self._linked(
                community[of_way], facility[of_way], visiting=way
            )
        unlinked = np.flatnonzero(travel == UNKNOWN)
        travel[unlinked] = self._direct(need[unlinked], facility[unlinked])
        return travel

    # Locations

    def _direct(self, need: Ints, facility: Ints) -> Ints:
        columns = self.columns
        travel = self._rounded(self.need_points, need, self.facility_points, facility)
        unknown = np.flatnonzero(travel == UNKNOWN)
        need, facility = need[unknown], facility[unknown]
        nowhere = np.isnan(self.need_points[need, 0])
        nowhere &= np.isnan(self.facility_points[facility, 0])
        is_home = columns.need_community[need] == columns.facility_community[facility]
        travel[unknown[nowhere & is_home]] = 0
        return _exact(travel)

    def apart(self, points: Floats, community: Ints) -> Ints:
        """Return (places, places) how far places are apart by their locations."""
        count = len(points)
        first, second = (
            np.repeat(np.arange(count), count),
            np.tile(np.arange(count), count),
        )
        travel = self._rounded(points, first, points, second)
        nowhere = np.isnan(points[first, 0]) & np.isnan(points[second, 0])
        travel[nowhere & (community[first] == community[second])] = 0
        return _exact(travel).reshape(count, count)

    def _rounded(self, start: Floats, row: Ints, end: Floats, end_row: Ints) -> Floats:
        """Return whole metres or seconds between points, UNKNOWN where not known."""
        far = np.zeros(len(row))
        for axis in range(start.shape[1]):
            step = start[row, axis]
            step -= end[end_row, axis]
            step *= step
            far += step
        np.sqrt(far, out=far)
        if self.columns.metric == "geo":
            far /= 2 * EARTH_RADIUS
            np.minimum(far, 1, out=far)
            np.arcsin(far, out=far)
            far *= 2 * EARTH_RADIUS
        far *= self.per_km
        far += _HALF
        np.floor(far, out=far)
        far[np.isnan(far)] = UNKNOWN
        return far

    def straight(self, limit: Ints) -> Floats:
        """Return distances between points (km) that nothing within `limit` exceeds."""
        if np.isnan(self.per_km):
            return np.zeros(len(limit))
        with np.errstate(divide="ignore"):  # a detour of 0: all is near
            far = (limit + 1) / np.float64(self.per_km)
        if self.columns.metric == "geo":
            turn = np.minimum(far / (2 * EARTH_RADIUS), np.pi / 2)
            far = 2 * EARTH_RADIUS * np.sin(turn)
        # A search that is a little too wide costs nothing, one too narrow loses arcs.
        return far * (1 + 1e-9) + 1e-9

    @cached_property
    def need_points(self) -> Floats:
        """(needs, 2 or 3) points in km whose distance grows with travel, or NaN."""
        columns = self.columns
        return self._points(columns.need_xy, columns.need_community)

    @cached_property
    def facility_points(self) -> Floats:
        """The same of facilities."""
        columns = self.columns
        return self._points(columns.facility_xy, columns.facility_community)

    def _points(self, xy: Floats, community: Ints) -> Floats:
        xy = np.where(np.isnan(xy), self.columns.community_xy[community], xy)
        if self.columns.metric == "plane":
            return xy
        # Points on the ball: chords grow with great circles, and trees know chords.
        longitude, latitude = np.radians(xy).T
        around = np.cos(latitude)
        unit = (
            around * np.cos(longitude),
            around * np.sin(longitude),
            np.sin(latitude),
        )
        return EARTH_RADIUS * np.stack(unit, axis=1)

    @cached_property
    def per_km(self) -> float:
        """Metres or seconds of travel per km between locations; NaN: no speed known."""
        columns = self.columns
        detour = Fraction(str(columns.detour))
        if columns.unit == "km":
            return float(detour * 1000)
        if columns.speed is None:  # then only paths are known
            return float("nan")
        return float(detour * 3600 / Fraction(str(columns.speed)))

    # Links

    def _linked(self, community: Ints, facility: Ints, *, visiting: bool) -> Ints:
        """Return path lengths, UNKNOWN where there is no path."""
        travel = np.full(len(community), UNKNOWN, np.int64)
        order = np.argsort(community, kind="stable")
        sorted_ = community[order]
        for home in self._chunks(np.unique(community)):
            begin = np.searchsorted(sorted_, home[0])
            rows = order[begin : np.searchsorted(sorted_, home[-1], "right")]
            row = np.searchsorted(home, community[rows])
            travel[rows] = self.paths(home, visiting=visiting)[row, facility[rows]]
        return travel

    def paths(self, community: Ints, *, visiting: bool, limit: float = np.inf) -> Ints:
        """Return (communities, facilities) path lengths, UNKNOWN: none within `limit`.

        From the community, or if `visiting` from the facility.
        """
        graph = self.graph.T.tocsr() if visiting else self.graph
        far = dijkstra(graph, indices=community, limit=limit)[:, self.nodes]
        return _exact(np.where(np.isinf(far), UNKNOWN, far))

    def near(self, limit: Ints, *, visiting: bool) -> Paths:
        """Return all paths within the limit of each community, NONE: leave it out."""
        parts = [Paths.none()]
        homes = np.flatnonzero(limit != NONE) if self.has_links else limit[:0]
        for home in self._chunks(homes):
            far = self.paths(home, visiting=visiting, limit=limit[home].max())
            row, facility = np.nonzero((far != UNKNOWN) & (far <= limit[home, None]))
            parts.append(Paths(home[row], facility, far[row, facility]))
        return Paths(*map(np.concatenate, zip(*parts, strict=True)))

    def _chunks(self, communities: Ints) -> Iterator[Ints]:
        """Cut communities such that their paths to everywhere fit into memory."""
        size = max(1, _CHUNK // self.graph.shape[0])
        for start in range(0, len(communities), size):
            yield communities[start : start + size]

    @cached_property
    def nodes(self) -> Ints:
        """The node of each facility: its own if it has a link, else its community."""
        columns = self.columns
        node = len(columns.community_ids) + np.arange(len(columns.facility_ids))
        ends = np.concatenate((columns.link_source, columns.link_target))
        return np.where(np.isin(node, ends), node, columns.facility_community)

    @cached_property
    def graph(self) -> "csr_array[np.float64]":
        """Links between nodes: communities, then facilities."""
        columns = self.columns
        back = columns.link_two_way
        source = np.concatenate((columns.link_source, columns.link_target[back]))
        target = np.concatenate((columns.link_target, columns.link_source[back]))
        length = np.concatenate((columns.link_travel, columns.link_travel[back]))
        nodes = len(columns.community_ids) + len(columns.facility_ids)
        order = np.lexsort((length, target, source))
        # The shortest of parallel links; a sparse array would add them up.
        _, first = np.unique((source * nodes + target)[order], return_index=True)
        keep = order[first]
        indptr = np.searchsorted(source[keep], np.arange(nodes + 1))
        entries = (length[keep].astype(np.float64), target[keep], indptr)
        graph: csr_array[np.float64, tuple[int, int]]
        graph = csr_array(entries, shape=(nodes, nodes), dtype=np.float64)
        return graph


def _exact(far: Floats) -> Ints:
    """Return whole numbers as integers; refuse those that a float does not hold."""
    if far.max(initial=0) >= LONGEST:
        message = Text("value.distances_grow_beyond_up_to_which", limit=LONGEST)
        raise InputError([Problem(message, "travel", hint="value.use_larger_units")])
    return far.astype(np.int64)
