"""Who lives where: areas, tiers, travel."""

import math
from fractions import Fraction
from typing import Any

from tests.oracles.numbers import exact, half_up

EARTH_RADIUS_KM = 6371.0088


class Places:
    """The records of an instance by id, and how far they are apart."""

    farthest: int

    def __init__(self, instance: Any) -> None:
        self.instance = instance
        self.areas = {a.id: a for a in instance.areas}
        self.communities = {c.id: c for c in instance.communities}
        self.providers = {p.id: p for p in instance.providers}
        self.facilities = {f.id: f for f in instance.facilities}
        self.slots = {s.id: s for s in instance.slots}
        self.needs = {n.id: n for n in instance.needs}
        self.pairs = {(p.need, p.slot): p for p in instance.pairs}
        self.paths = shortest_paths(instance)
        self._levels = levels(instance)
        self._travel: dict[tuple[str, str], int | None] = {}

    def ancestors(self, community_id: str) -> list[str]:
        """Return the areas of a community, the lowest first."""
        chain: list[str] = []
        area_id = self.communities[community_id].area
        while area_id is not None:
            chain.append(area_id)
            area_id = self.areas[area_id].parent
        return chain

    def tier_between(self, one: str, other: str) -> int | None:
        """Return the tier between two communities, None if nothing is in common."""
        if one == other:
            return 0
        if not self.areas:
            return 1
        theirs = self.ancestors(other)
        for height, area_id in enumerate(self.ancestors(one), start=1):
            if area_id in theirs:
                return height
        return None

    def tier(self, need: Any, slot: Any) -> int | None:
        """Return the tier of a pair, None if it cannot be shared."""
        return self.tier_between(need.community, self.host(slot))

    def tier_number(self, name: Any) -> int:
        """Return the number of a tier given by name or number."""
        if isinstance(name, str):
            if name == "own":
                return 0
            if name in self._levels:
                return self._levels[name]
        return int(exact(name))

    def host(self, slot: Any) -> str:
        """Return the community of a slot's facility."""
        return str(self.facilities[slot.facility].community)

    def travel(self, need: Any, slot: Any) -> int | None:
        """Return whole metres or seconds between a need and a slot, None: unknown."""
        key = (need.id, slot.id)
        if key not in self._travel:
            self._travel[key] = self._compute_travel(need, slot)
        return self._travel[key]

    def _compute_travel(self, need: Any, slot: Any) -> int | None:
        instance = self.instance
        facility = self.facilities[slot.facility]
        if instance.links:
            linked = {end for k in instance.links for end in (k.source, k.target)}
            home = need.community
            place = facility.id if facility.id in linked else facility.community
            ends = (place, home) if slot.radius is not None else (home, place)
            if ends[0] == ends[1]:
                return 0
            if ends in self.paths:
                return self.paths[ends]
        here = need.location or self.communities[need.community].location
        there = facility.location or self.communities[facility.community].location
        if here is not None and there is not None:
            return distance(instance.travel, here, there)
        if here is None and there is None and need.community == facility.community:
            return 0
        places = (*instance.communities, *instance.facilities, *instance.needs)
        if not instance.links and all(place.location is None for place in places):
            return 0
        return None

    def way(self, before: tuple[Any, Any], after: tuple[Any, Any]) -> int:
        """Return the way of a person from one need's place to another's; unknown: 0."""
        (here, node), (there, stop) = self._place(before), self._place(after)
        if self.instance.links:
            if node == stop:
                return 0
            if (node, stop) in self.paths:
                return self.paths[node, stop]
        if here is None or there is None:
            return 0
        return distance(self.instance.travel, here, there) or 0

    def _place(self, stay: tuple[Any, Any]) -> tuple[Any, str]:
        """Return the location of a stay and what links call it."""
        need, slot = stay
        if slot.radius is not None:  # the service comes to the need
            home = self.communities[need.community].location
            return need.location or home, str(need.community)
        facility = self.facilities[slot.facility]
        linked = {end for k in self.instance.links for end in (k.source, k.target)}
        home = self.communities[facility.community].location
        node = facility.id if facility.id in linked else facility.community
        return facility.location or home, str(node)

    def distance(self, need: Any, slot: Any) -> int:
        """Return the travel of a pair as it counts in sums."""
        known = self.travel(need, slot)
        return self.farthest if known is None else known


def levels(instance: Any) -> dict[str, int]:
    """Return the tier number of each level of areas, the lowest being 1."""
    parents = {area.id: area.parent for area in instance.areas}
    heights = dict.fromkeys(parents, 1)
    for _ in parents:
        for area_id, parent in parents.items():
            if parent is not None:
                heights[parent] = max(heights[parent], heights[area_id] + 1)
    found: dict[str, int] = {}
    for area in instance.areas:
        found[area.level] = max(found.get(area.level, 1), heights[area.id])
    return found


def shortest_paths(instance: Any) -> dict[tuple[str, str], int]:
    """Return the travel between linked places, by Floyd and Warshall."""
    scale = 1000 if instance.travel.unit == "km" else 60
    far: dict[tuple[str, str], int] = {}
    for link in instance.links:
        length = half_up(exact(link.travel) * scale)
        ends = [(link.source, link.target)]
        if link.two_way:
            ends.append((link.target, link.source))
        for end in ends:
            far[end] = min(length, far.get(end, length))
    places = sorted({place for ends in far for place in ends})
    for via in places:
        for start in places:
            for stop in places:
                if (start, via) in far and (via, stop) in far:
                    length = far[start, via] + far[via, stop]
                    far[start, stop] = min(length, far.get((start, stop), length))
    return far


def distance(travel_settings: Any, here: Any, there: Any) -> int | None:
    """Return whole metres or seconds between two locations, None: no speed known."""
    detour = exact(travel_settings.detour)
    in_time = travel_settings.unit == "min"
    if in_time and travel_settings.speed is None:
        return None
    speed = exact(travel_settings.speed) if in_time else Fraction(1)
    per_km = detour * (3600 / speed if in_time else 1000)
    if travel_settings.metric == "plane":
        # Exact even at halves: floor(r + 1/2) is (floor(2 r) + 1) // 2.
        squared = sum(
            (exact(a) - exact(b)) ** 2 for a, b in zip(here, there, strict=True)
        )
        doubled = math.isqrt(math.floor(4 * squared * per_km**2))
        return (doubled + 1) // 2
    (lon1, lat1), (lon2, lat2) = (
        map(math.radians, map(float, p)) for p in (here, there)
    )
    chord = (
        math.sin((lat2 - lat1) / 2) ** 2
        + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    )
    arc = 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(chord)))
    return math.floor(arc * float(per_km) + 0.5)
