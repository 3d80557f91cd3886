"""Whether the records of an instance agree with each other, and where they do not.

All is found in frames: first whether anything is wrong, from the different values of
a field, and only then in which rows.
"""

import difflib
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import product
from typing import Any

import numpy as np

from sharematch.errors import InputError, Problem
from sharematch.model import numbers
from sharematch.model.frames import Frame, Frames, combinations
from sharematch.model.levels import levels_of
from sharematch.model.opening_checks import bad_parts, bad_starts
from sharematch.model.records import COLLECTIONS, REFERENCES
from sharematch.model.ways import Travel
from sharematch.text import Text

__all__ = ["Check"]


MOST_LEVELS = 50
"""So high a hierarchy of areas is: each community knows its area of each level."""
MOST_HINTS = 20
"""So many unknown ids get a hint at which one may be meant: the search takes long."""


class Check:
    """All records by collection, to be checked against each other.

    Parameters
    ----------
    frames
        The records of all collections.
    bad_ids
        Ids of records that are left out because something is wrong with themselves.
    travel
        None where something is wrong with it.
    """

    def __init__(
        self,
        frames: Frames,
        bad_ids: Mapping[str, set[str]],
        travel: Travel | None,
    ) -> None:
        self.frames = {name: frames[name] for name in COLLECTIONS}
        self._bad_ids = bad_ids
        self._ids: dict[str, set[str]] = {}
        self.travel = travel
        self.levels: list[str] = []
        self.num_unknown = 0

    def ids(self, collection: str) -> set[str]:
        """Return the ids that others may name, gathered when they are first asked for.

        Nothing but decisions and pairs names any of the needs, which are many.
        """
        if collection not in self._ids:
            self._ids[collection] = {*self.frames[collection].fields["id"].values}
            self._ids[collection].update(self._bad_ids.get(collection, ()))
        return self._ids[collection]

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong."""
        yield from self._duplicates()
        yield from self._areas()
        yield from self._references()
        yield from self._shares()
        yield from self._ambiguous()
        yield from self._zones()
        yield from self._locations()
        yield from self._together()
        yield from bad_parts(self.frames)
        yield from bad_starts(self.frames)

    def _duplicates(self) -> Iterator[Problem]:
        for name, frame in self.frames.items():
            if frame.count < 2:
                continue
            if "id" in frame.fields and len(frame.fields["id"].values) == frame.count:
                continue
            keys = [frame.fields[field].numbered() for field in _KEYS[name]]
            first, count = combinations(keys)
            if len(first) == frame.count:
                continue
            for row, times in sorted(zip(first.tolist(), count.tolist(), strict=True)):
                if times > 1:
                    yield Problem(
                        "instance.stands_there_times",
                        frame.record.label(),
                        _name_of_key(frame, name, row),
                        "id" if "id" in frame.fields else "",
                        hint="instance.remove_or_rename_all_but_one",
                        count=times,
                    )

    def _areas(self) -> Iterator[Problem]:
        yield from self._dangling("areas", "parent", "areas")
        areas = self.frames["areas"].records
        parents = {area.id: area.parent for area in areas}
        good: set[str | None] = {None}
        for area in parents:
            way: dict[str | None, None] = {}
            above: str | None = area
            while above not in good and above not in way:
                way[above] = None
                above = parents.get(above) if above is not None else None
            if above in way:
                parent = str(parents[str(above)])
                yield Problem(
                    "instance.lies_in_itself", "area", str(above), "parent", parent
                )
                return
            good.update(way)
        names = {area.level for area in areas}
        if len(names) > MOST_LEVELS:
            message = Text(
                "field.areas_have_levels_more_than", count=len(names), most=MOST_LEVELS
            )
            yield Problem(message, "area", field="level")
            return
        try:
            self.levels = levels_of(areas)
        except InputError as error:
            yield from error.problems
            return
        level = {area.id: area.level for area in areas}
        communities = self.frames["communities"]
        for row in communities.rows_where(
            "area", lambda area: area in level and level[area] != self.levels[0]
        ):
            area = communities.value("area", row)
            yield Problem(
                "instance.is_of_level_communities_lie_in",
                "community",
                communities.value("id", row),
                "area",
                area,
                Text("instance.an_area_of_level", level=self.levels[0]),
                level=level[area],
            )

    def _references(self) -> Iterator[Problem]:
        for collection, field, target in REFERENCES:
            yield from self._dangling(collection, field, target)

    def _dangling(self, collection: str, field: str, target: str) -> Iterator[Problem]:
        frame = self.frames[collection]
        if not frame.count:
            return
        known = self.ids(target)
        rows = frame.rows_where(
            field, lambda value: value is not None and value not in known
        )
        if not known and len(rows) > 1:
            # what is missing is the records themselves: that is said once
            yield Problem(
                "instance.names_one_of_none",
                frame.record.label(),
                _identity(frame, rows[0]),
                field,
                frame.value(field, rows[0]),
                Text("instance.add_them_as_a_table", file=f"{target}.csv"),
                records=Text(f"record.{target}"),
                naming=Text(f"record.{collection}"),
                count=len(rows),
            )
            return
        for row in rows:
            yield self._unknown(
                frame, row, (field, frame.value(field, row)), known, target
            )

    def _unknown(
        self,
        frame: Frame,
        row: int,
        said: tuple[str, str],
        known: set[str],
        target: str,
    ) -> Problem:
        field, value = said
        self.num_unknown += 1
        near: list[str] = []
        if self.num_unknown <= MOST_HINTS and len(known) < 10_000:
            near = difflib.get_close_matches(value, known, 1)
        return Problem(
            "instance.is_not_among_the",
            frame.record.label(),
            _identity(frame, row),
            field,
            value,
            f"{near[0]}?" if near else "",
            records=Text(f"record.{target}"),
        )

    def _shares(self) -> Iterator[Problem]:
        tiers = len(self.levels) if self.frames["areas"].count else 1
        names = ["own", *self.levels]

        def is_none(share: Any) -> bool:
            if share is None or share in names:
                return False
            return not (isinstance(share, int) and share <= tiers)

        for collection in ("facilities", "slots"):
            frame = self.frames[collection]
            for row in frame.rows_where("share", is_none):
                yield Problem(
                    "instance.is_no_tier_of_this_instance",
                    frame.record.label(),
                    frame.value("id", row),
                    "share",
                    str(frame.value("share", row)),
                    Text(
                        "instance.one_of_or_a_number_from",
                        known=", ".join(names),
                        most=tiers,
                    ),
                )

    def _ambiguous(self) -> Iterator[Problem]:
        for collection, fields, one, two in (
            ("links", ("source", "target"), "communities", "facilities"),
            ("needs", ("choices",), "slots", "facilities"),
        ):
            frame = self.frames[collection]

            def is_wrong(value: Any, one: str = one, two: str = two) -> bool:
                return any(
                    (text in self.ids(one)) == (text in self.ids(two))
                    for text in _texts(value)
                )

            wrong_rows = {
                row for name in fields for row in frame.rows_where(name, is_wrong)
            }
            if not wrong_rows:
                continue
            known, other = self.ids(one), self.ids(two)
            for row, name in product(sorted(wrong_rows), fields):
                for value in _texts(frame.value(name, row)):
                    if value in known and value in other:
                        yield Problem(
                            "instance.is_among_the_and_among_the",
                            frame.record.label(),
                            frame.value("id", row) if "id" in frame.fields else value,
                            name,
                            value,
                            Text("instance.rename_one_of_them"),
                            records=Text(f"record.{one}"),
                            others=Text(f"record.{two}"),
                        )
                    elif value not in known and value not in other:
                        both, target = known | other, f"{one} and {two}"
                        yield self._unknown(frame, row, (name, value), both, target)

    def _zones(self) -> Iterator[Problem]:
        first: tuple[str, bool] | None = None
        columns = [
            (self.frames[collection], name, _zones_of(self.frames[collection], name))
            for collection, name in _TIMES
        ]
        if len({zone for *_, zones in columns for each in zones for zone in each}) < 2:
            return
        for frame, name, zones in columns:
            field = frame.fields[name]
            for row, code in enumerate(field.code.tolist()):
                record, id_ = frame.record.label(), _identity(frame, row)
                for place, aware in enumerate(zones[code]):
                    if first is None:
                        first = (f'{record} "{id_}"', aware)
                    elif first[1] != aware:
                        yield Problem(
                            "instance.has_time_zone_has_all_times",
                            record,
                            id_,
                            name,
                            _starts(field.values[code])[place].isoformat(),
                            Text("instance.add_an_offset_such_as_08"),
                            some="a" if aware else "no",
                            other=first[0],
                            none="none" if aware else "one",
                        )
                        return

    def _locations(self) -> Iterator[Problem]:
        travel = self.travel
        if travel is None:
            return
        is_located = False
        for collection in ("communities", "facilities", "needs"):
            frame = self.frames[collection]
            assert frame.points is not None
            if not frame.count:
                continue
            away = np.abs(frame.points)
            is_located |= bool((~np.isnan(away)).any())
            limits = (180, 90) if travel.metric == "geo" else (numbers.LARGEST,) * 2
            for row in np.flatnonzero((away > limits).any(axis=1)).tolist():
                words = (
                    Text("instance.is_not_longitude_latitude_in_degrees"),
                    Text("instance.swap_the_two_or_set_travel"),
                )
                message, hint = (
                    words
                    if travel.metric == "geo"
                    else (Text("value.is_out_of_range"), "")
                )
                yield Problem(
                    message,
                    frame.record.label(),
                    frame.value("id", row),
                    "location",
                    str(tuple(frame.points[row].tolist())),
                    hint,
                )
        by_links = self.frames["links"].count > 0
        if is_located and travel.unit == "min" and not (travel.speed or by_links):
            yield Problem(
                "instance.is_needed_to_turn_distances_into",
                "travel",
                field="speed",
                hint="instance.speed_4_km_h_or_unit",
            )

    def _together(self) -> Iterator[Problem]:
        needs = self.frames["needs"]
        rows = needs.rows_where("together", lambda value: value is not None)
        if not rows:
            return
        label = needs.fields["together"].numbered()[rows]
        for name in _ALIKE:
            if len(needs.fields[name].values) == 1:
                continue
            held = needs.fields[name].numbered()[rows]
            if len(combinations([label, held])[0]) > len(np.unique(label)):
                yield from self._unlike(name, rows)

    def _unlike(self, name: str, rows: list[int]) -> Iterator[Problem]:
        """Yield the needs of rows that have another value than whom they are with."""
        needs = self.frames["needs"]
        first: dict[str, tuple[str, Any]] = {}
        for row in rows:
            if name == "every" and needs.value("minutes", row) is None:
                continue  # those are asked for whole slots: each keeps its own step
            id_, held = needs.value("id", row), needs.value(name, row)
            other, common = first.setdefault(needs.value("together", row), (id_, held))
            if held != common:
                known = Text("booking.none") if common is None else common
                yield Problem(
                    "instance.is_together_with_which_has",
                    "need",
                    id_,
                    name,
                    "" if held is None else str(held),
                    f"{name}={common}",
                    need=other,
                    count=known,
                )


_KEYS = dict.fromkeys(COLLECTIONS, ("id",)) | {
    "pairs": ("need", "slot"),
    "links": ("source", "target"),
    "decisions": ("need", "slot", "start"),
    "past": ("community", "person"),
}
"""What tells the records of a collection apart."""

_NAMES = ("need", "slot", "source", "target", "community", "person")
"""What a record joins, where it has no id."""

_TIMES = (
    *(("slots", "start"), ("facilities", "closed"), ("needs", "windows")),
    *(("needs", "preferred"), ("decisions", "start")),
)

_ALIKE = ("sessions", "minutes", "times", "every", "min_sessions", "per_day")
"""What needs that are together have in common."""


def _name_of_key(frame: Frame, collection: str, row: int) -> str:
    parts = [frame.value(name, row) for name in _KEYS[collection]]
    if collection == "past":
        kind = "person" if parts[0] is None else "community"
        parts = [kind, *parts]
    texts = (p.isoformat() if isinstance(p, datetime) else p for p in parts)
    return " → ".join(text for text in texts if text is not None)


def _identity(frame: Frame, row: int) -> str:
    """Return what messages call a record: its id, or what it joins."""
    if "id" in frame.fields:
        return str(frame.value("id", row))
    names = [name for name in frame.record.model_fields if name in _NAMES]
    parts = [frame.value(name, row) for name in names]
    return " → ".join(str(part) for part in parts if part is not None)


def _texts(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def _starts(value: Any) -> list[datetime]:
    if value is None:
        return []
    if isinstance(value, tuple):
        return [window.start for window in value if not isinstance(window, str)]
    return [value]


def _zones_of(frame: Frame, name: str) -> list[list[bool]]:
    """Return for each value of a field which of its times have a zone."""
    values = frame.fields[name].values
    return [[t.tzinfo is not None for t in _starts(value)] for value in values]
