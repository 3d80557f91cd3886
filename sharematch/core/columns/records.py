"""Records in the order of their ids, and the positions that all columns share."""

from typing import Any

from sharematch.core.columns.reading import (
    Cached,
    by_id,
    distinct,
    in_rows,
    length_reader,
    members,
    minor_units,
    numbered,
    positions,
)
from sharematch.model.frames import Frame, Frames

__all__ = ["Records"]


class Records:
    """The records of an instance, sorted, and where each id and label stands.

    Attributes
    ----------
    area_at, community_at, …
        Positions by id or label.
    kinds, groups, features
        All labels that some record bears or asks for, sorted.
    length, minor
        Read lengths as metres or seconds, money as minor units.
    """

    def __init__(self, rows: Frames) -> None:
        self.rows = rows
        self.areas, self.communities = by_id(rows["areas"]), by_id(rows["communities"])
        self.providers = by_id(rows["providers"])
        self.facilities = by_id(rows["facilities"])
        self.slots, self.needs = by_id(rows["slots"]), by_id(rows["needs"])
        self.past = rows["past"]
        slots, needs = self.slots, self.needs
        self.area_at, self.community_at = (
            positions(self.areas),
            positions(self.communities),
        )
        self.provider_at = positions(self.providers)
        self.facility_at = positions(self.facilities)
        self.slot_at, self.need_at = positions(slots), positions(needs)
        self.either_at = numbered(distinct(slots, "either"))
        self.together_at = numbered(distinct(needs, "together"))
        self.person_at = numbered(
            [*distinct(needs, "person"), *distinct(self.past, "person")]
        )
        self.kinds = sorted({*distinct(needs, "kind"), *members(slots, "kinds")})
        self.groups = sorted(
            {
                *members(needs, "groups"),
                *members(slots, "groups"),
                *members(slots, "concessions"),
            }
        )
        self.features = sorted(
            {*members(self.facilities, "features"), *members(needs, "requires")}
        )
        self.levels = _levels(self.areas)
        self.length = length_reader(rows.travel.unit)
        self.minor = Cached(minor_units).__getitem__

    def tier(self, share: Any) -> int:
        """Return the tier up to which something is shared, given by number or name."""
        names = {"own": 0, **{level: i + 1 for i, level in enumerate(self.levels)}}
        height: Any = names.get(share, share)
        return int(height)


def _levels(areas: Frame) -> list[str]:
    """Return level names from the lowest up; the instance has checked they stack."""
    ids, level, parent = (in_rows(areas, name) for name in ("id", "level", "parent"))
    level_of = dict(zip(ids, level, strict=True))
    above = {
        level_of[id_]: level_of[up]
        for id_, up in zip(ids, parent, strict=True)
        if up is not None
    }
    lowest = set(level_of.values()) - set(above.values())
    levels = sorted(lowest)
    while levels and levels[-1] in above:
        levels.append(above[levels[-1]])
    return levels
