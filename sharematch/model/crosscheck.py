"""Whether the rows of all tables agree with each other, found with arrays.

The same conditions as in `sharematch.model.records` and `sharematch.model.checks`,
without their words: False means that something may be wrong, and that records will
say what.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.model import numbers
from sharematch.model.frames import Field, Frame
from sharematch.model.records import REFERENCES, Travel

__all__ = ["agree"]

Ints = NDArray[np.int64]
NONE = -1
Frames = Mapping[str, Frame]


def agree(frames: Frames, levels: Sequence[str], travel: Travel) -> bool:
    """Return whether rows agree; levels of areas are checked already."""
    ids = {name: _ids(frame) for name, frame in frames.items() if _has_ids(frame)}
    if any(len(known) < frames[name].count for name, known in ids.items()):
        return False
    checks: tuple[Callable[[], bool], ...] = (
        lambda: _rows(frames),
        lambda: _references(frames, ids),
        lambda: _unique_pairs(frames),
        lambda: _choices(frames["needs"], ids),
        lambda: _links(frames["links"], ids),
        lambda: _shares(frames, levels),
        lambda: _lowest(frames, levels),
        lambda: _zones(frames),
        lambda: _places(frames, travel),
        lambda: _together(frames["needs"]),
    )
    return all(check() for check in checks)


def _has_ids(frame: Frame) -> bool:
    return "id" in frame.fields


def _ids(frame: Frame) -> set[str]:
    return set(frame.fields["id"].values)


def _ints(field: Field) -> Ints:
    values = [NONE if value is None else int(value) for value in field.values]
    return np.array(values, np.int64)[field.code]


def _has(field: Field) -> NDArray[np.bool_]:
    return np.array([value is not None for value in field.values], bool)[field.code]


def _rows(frames: Frames) -> bool:
    """Check what each row must keep by itself."""
    slots, needs = frames["slots"].fields, frames["needs"].fields
    capacity, quantity = _ints(slots["capacity"]), _ints(needs["quantity"])
    if (_has(slots["start"]) != _has(slots["end"])).any():
        return False
    if (_minutes(slots["end"]) < _minutes(slots["start"])).any():
        return False
    sessions = _ints(needs["sessions"])
    return bool(
        (_ints(slots["reserve"]) <= capacity).all()
        and (_ints(slots["min_units"]) <= capacity).all()
        and (_ints(needs["min_quantity"]) <= quantity).all()
        and (quantity <= numbers.MOST_ASKED // sessions).all()
        and ((sessions > 1) | ~_has(needs["every"])).all()
        and all(len(set(x)) == len(x) for x in needs["choices"].values)
    )


def _minutes(field: Field) -> Ints:
    """Return times as numbers in their order, of the zone's or of the naive clock."""
    values = [NONE if time is None else _seconds(time) for time in field.values]
    return np.array(values, np.int64)[field.code]


def _seconds(time: datetime) -> int:
    since = datetime(1970, 1, 1, tzinfo=None if time.tzinfo is None else UTC)
    return int((time - since).total_seconds())


def _references(frames: Frames, ids: Mapping[str, set[str]]) -> bool:
    for collection, field, target in REFERENCES:
        values = set(frames[collection].fields[field].values)
        if not values <= ids[target] | {None}:
            return False
    return True


def _unique_pairs(frames: Frames) -> bool:
    for collection, one, other in (
        ("pairs", "need", "slot"),
        ("links", "source", "target"),
        ("decisions", "need", "slot"),
    ):
        fields = frames[collection].fields
        width = len(fields[other].values) + 1
        both = fields[one].code * width + fields[other].code
        if len(np.unique(both)) < len(both):
            return False
    return True


def _choices(needs: Frame, ids: Mapping[str, set[str]]) -> bool:
    chosen = {choice for each in needs.fields["choices"].values for choice in each}
    return _in_one(chosen, ids["slots"], ids["facilities"])


def _links(links: Frame, ids: Mapping[str, set[str]]) -> bool:
    ends = {*links.fields["source"].values, *links.fields["target"].values}
    return _in_one(ends, ids["communities"], ids["facilities"])


def _in_one(some: set[str], one: set[str], other: set[str]) -> bool:
    return all((value in one) != (value in other) for value in some)


def _shares(frames: Frames, levels: Sequence[str]) -> bool:
    tiers = len(levels) if frames["areas"].count else 1
    shares = {
        share
        for collection in ("facilities", "slots")
        for share in frames[collection].fields["share"].values
    } - {None, "own", *levels}
    return all(isinstance(share, int) and share <= tiers for share in shares)


def _lowest(frames: Frames, levels: Sequence[str]) -> bool:
    areas = frames["areas"].fields
    level = dict(zip(areas["id"].rows(), areas["level"].rows(), strict=True))
    used = set(frames["communities"].fields["area"].values) - {None}
    return all(level[area] == levels[0] for area in used)


def _zones(frames: Frames) -> bool:
    """Check that all times have a zone, or none has."""
    slots, needs = frames["slots"].fields, frames["needs"].fields
    closed = frames["facilities"].fields["closed"]
    windows = [*closed.values, *needs["windows"].values]
    times: Iterable[datetime | None] = (
        *slots["start"].values,
        *slots["end"].values,
        *(window.start for each in windows for window in each),
    )
    return len({time.tzinfo is None for time in times if time is not None}) <= 1


def _places(frames: Frames, travel: Travel) -> bool:
    located = False
    limit: Any = (180, 90) if travel.metric == "geo" else numbers.LARGEST
    for collection in ("communities", "facilities", "needs"):
        points = frames[collection].points
        assert points is not None
        some = points[~np.isnan(points[:, 0])]
        located |= bool(len(some))
        if (np.abs(some) > limit).any():
            return False
    needs_speed = travel.unit == "min" and travel.speed is None
    return not (located and needs_speed and not frames["links"].count)


def _together(needs: Frame) -> bool:
    label, sessions = needs.fields["together"], needs.fields["sessions"]
    some = _has(label)
    number = {value: i for i, value in enumerate(dict.fromkeys(label.values))}
    group = np.array([number[value] for value in label.values])[label.code][some]
    count = _ints(sessions)[some]
    both = np.unique(np.stack([group, count]), axis=1)
    return int(both.shape[1]) == len(np.unique(group))
