"""Whether the records of an instance agree with each other, and where they do not.

The same conditions over tables, with arrays and without words: `model.crosscheck`.
"""

import difflib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from sharematch.errors import InputError, Problem
from sharematch.model import numbers
from sharematch.model.records import (
    COLLECTIONS,
    REFERENCES,
    Area,
    Link,
    Need,
    Travel,
)

__all__ = ["Check"]


MOST_LEVELS = 50
"""So high a hierarchy of areas is: each community knows its area of each level."""
MOST_HINTS = 20
"""So many unknown ids get a hint at which one may be meant: the search takes long."""


def _levels_of(areas: Iterable[Area]) -> list[str]:
    """Return the level names from the lowest up.

    Raises
    ------
    InputError
        When levels do not stack: a level under two others, a circle, two lowest ones.
    """
    by_id = {area.id: area for area in areas}
    above: dict[str, str] = {}
    for area in by_id.values():
        parent = by_id.get(area.parent) if area.parent is not None else None
        if parent is None:
            continue
        if above.setdefault(area.level, parent.level) != parent.level:
            raise InputError(
                [
                    Problem(
                        f"is of level {parent.level}, but other areas of level "
                        f"{area.level} lie in a {above[area.level]}",
                        "area",
                        area.id,
                        "parent",
                        str(area.parent),
                        f"an area of level {above[area.level]}?",
                    )
                ]
            )
    names = {area.level for area in by_id.values()}
    lowest = sorted(names - set(above.values()))
    if not names:
        return []
    if len(lowest) != 1:
        found = ", ".join(lowest) or "none: the levels lie in each other"
        raise InputError(
            [
                Problem(
                    f"one level must be the lowest; found {found}",
                    "area",
                    field="level",
                    hint="give areas of the lower level a parent of the higher one",
                )
            ]
        )
    levels = [lowest[0]]
    while (level := above.get(levels[-1])) is not None and level not in levels:
        levels.append(level)
    if len(levels) < len(names):
        lost = ", ".join(sorted(names - set(levels)))
        raise InputError(
            [
                Problem(
                    f"levels do not stack: {lost} stands apart", "area", field="level"
                )
            ]
        )
    return levels


class Check:
    """All records by collection, to be checked against each other."""

    def __init__(
        self,
        fields: Mapping[str, Any],
        bad_ids: Mapping[str, set[str]],
        travel: object,
    ) -> None:
        self.records = {name: fields[name] for name in COLLECTIONS}
        self.ids: dict[str, set[str]] = {
            name: {record.id for record in self.records[name]} | bad_ids[name]
            for name, cls in COLLECTIONS.items()
            if "id" in cls.model_fields
        }
        self.travel = travel
        self.levels: list[str] = []
        self.num_unknown = 0

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong; afterwards `levels` holds the levels of areas."""
        yield from self._duplicates()
        yield from self._areas()
        yield from self._references()
        yield from self._shares()
        yield from self._ambiguous()
        yield from self._zones()
        yield from self._locations()
        yield from self._together()

    def _duplicates(self) -> Iterator[Problem]:
        keys: dict[str, Callable[[Any], tuple[str, str]]] = {
            "pairs": lambda r: (r.need, r.slot),
            "links": lambda r: (r.source, r.target),
            "decisions": lambda r: (r.need, r.slot),
            "past": lambda r: (
                ("community", r.community)
                if r.community is not None
                else ("person", r.person)
            ),
        }
        for name, cls in COLLECTIONS.items():
            key = keys.get(name, lambda r: (r.id, ""))
            seen = Counter(map(key, self.records[name]))
            if len(seen) == len(self.records[name]):
                continue
            for parts, count in seen.items():
                if count > 1:
                    yield Problem(
                        f"stands there {count} times",
                        cls.label(),
                        " → ".join(filter(None, parts)),
                        "id" if "id" in cls.model_fields else "",
                        hint="remove or rename all but one",
                    )

    def _areas(self) -> Iterator[Problem]:
        yield from self._dangling("areas", "parent", "areas")
        parents = {area.id: area.parent for area in self.records["areas"]}
        good: set[str | None] = {None}
        for area in parents:
            way: dict[str | None, None] = {}
            above: str | None = area
            while above not in good and above not in way:
                way[above] = None
                above = parents.get(above) if above is not None else None
            if above in way:
                parent = str(parents[str(above)])
                yield Problem("lies in itself", "area", str(above), "parent", parent)
                return
            good.update(way)
        names = {area.level for area in self.records["areas"]}
        if len(names) > MOST_LEVELS:
            message = f"areas have {len(names)} levels, more than {MOST_LEVELS}"
            yield Problem(message, "area", field="level")
            return
        try:
            self.levels = _levels_of(self.records["areas"])
        except InputError as error:
            yield from error.problems
            return
        level = {area.id: area.level for area in self.records["areas"]}
        for community in self.records["communities"]:
            found = level.get(community.area)
            if found is not None and found != self.levels[0]:
                yield Problem(
                    f"is of level {found}; communities lie in the lowest",
                    "community",
                    community.id,
                    "area",
                    community.area,
                    f"an area of level {self.levels[0]}?",
                )

    def _references(self) -> Iterator[Problem]:
        for collection, field, target in REFERENCES:
            yield from self._dangling(collection, field, target)

    def _dangling(self, collection: str, field: str, target: str) -> Iterator[Problem]:
        known = self.ids[target]
        for record in self.records[collection]:
            value = getattr(record, field)
            if value is not None and value not in known:
                yield self._unknown(record, field, value, known, target)

    def _unknown(
        self, record: Any, field: str, value: str, known: set[str], target: str
    ) -> Problem:
        identity = getattr(record, "id", None) or " → ".join(
            str(getattr(record, name))
            for name in type(record).model_fields
            if name in ("need", "slot", "source", "target", "community", "person")
            and getattr(record, name) is not None
        )
        self.num_unknown += 1
        near: list[str] = []
        if self.num_unknown <= MOST_HINTS and len(known) < 10_000:
            near = difflib.get_close_matches(value, known, 1)
        return Problem(
            f"is not among the {target}",
            record.label(),
            identity,
            field,
            value,
            f"{near[0]}?" if near else "",
        )

    def _shares(self) -> Iterator[Problem]:
        tiers = len(self.levels) if self.records["areas"] else 1
        names = ["own", *self.levels]
        for collection in ("facilities", "slots"):
            for record in self.records[collection]:
                share = record.share
                if share is None or share in names:
                    continue
                if isinstance(share, int) and share <= tiers:
                    continue
                yield Problem(
                    "is no tier of this instance",
                    record.label(),
                    record.id,
                    "share",
                    str(share),
                    f"one of {', '.join(names)}, or a number from 0 to {tiers}",
                )

    def _ambiguous(self) -> Iterator[Problem]:
        either = (
            (("communities", "facilities"), self._link_ends()),
            (("slots", "facilities"), self._choices()),
        )
        for (one, two), uses in either:
            for record, field, value in uses:
                found = (value in self.ids[one]) + (value in self.ids[two])
                if found == 0:
                    known = self.ids[one] | self.ids[two]
                    target = f"{one} and {two}"
                    yield self._unknown(record, field, value, known, target)
                elif found == 2:
                    yield Problem(
                        f"is among the {one} and among the {two}",
                        record.label(),
                        getattr(record, "id", f"{value}"),
                        field,
                        value,
                        "rename one of them",
                    )

    def _link_ends(self) -> Iterator[tuple[Link, str, str]]:
        for link in self.records["links"]:
            yield link, "source", link.source
            yield link, "target", link.target

    def _choices(self) -> Iterator[tuple[Need, str, str]]:
        for need in self.records["needs"]:
            for choice in need.choices:
                yield need, "choices", choice

    def _zones(self) -> Iterator[Problem]:
        first: tuple[Any, bool] | None = None
        for record, field, time in self._times():
            aware = time.tzinfo is not None
            if first is None:
                first = (record, aware)
            elif first[1] != aware:
                other = f'{first[0].label()} "{first[0].id}"'
                yield Problem(
                    f"has {'a' if aware else 'no'} time zone, {other} has "
                    f"{'none' if aware else 'one'}; all times must be alike",
                    record.label(),
                    record.id,
                    field,
                    time.isoformat(),
                    "add an offset such as +08:00 everywhere, or nowhere",
                )
                return

    def _times(self) -> Iterator[tuple[Any, str, Any]]:
        for slot in self.records["slots"]:
            if slot.start is not None:
                yield slot, "start", slot.start
        for facility in self.records["facilities"]:
            for window in facility.closed:
                yield facility, "closed", window.start
        for need in self.records["needs"]:
            for window in need.windows:
                yield need, "windows", window.start

    def _locations(self) -> Iterator[Problem]:
        try:
            travel = Travel.model_validate(self.travel)
        except ValidationError:
            return
        located = None
        for collection in ("communities", "facilities", "needs"):
            for record in self.records[collection]:
                if record.location is None:
                    continue
                located = record
                lon, lat = record.location
                if travel.metric == "geo" and (abs(lon) > 180 or abs(lat) > 90):
                    yield Problem(
                        "is not longitude, latitude in degrees",
                        record.label(),
                        record.id,
                        "location",
                        str(record.location),
                        'swap the two, or set travel metric "plane"',
                    )
                elif max(abs(lon), abs(lat)) > numbers.LARGEST:
                    yield Problem(
                        "is out of range",
                        record.label(),
                        record.id,
                        "location",
                        str(record.location),
                    )
        if (
            located is not None
            and travel.unit == "min"
            and travel.speed is None
            and not self.records["links"]
        ):
            yield Problem(
                "is needed to turn distances into minutes",
                "travel",
                field="speed",
                hint='speed=4 (km/h), or unit "km", or links',
            )

    def _together(self) -> Iterator[Problem]:
        sessions: dict[str, Need] = {}
        for need in self.records["needs"]:
            if need.together is None:
                continue
            first = sessions.setdefault(need.together, need)
            if first.sessions != need.sessions:
                yield Problem(
                    f'is together with "{first.id}", which has {first.sessions}',
                    "need",
                    need.id,
                    "sessions",
                    str(need.sessions),
                    f"sessions={first.sessions}",
                )
