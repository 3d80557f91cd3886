"""Where names stand on a map, so that none covers another or somebody else's circle."""

from collections.abc import Sequence
from dataclasses import dataclass
from unicodedata import east_asian_width

__all__ = ["LARGE", "SMALL", "Circle", "Label", "place_labels", "shortened"]

SMALL, LARGE = 15.0, 30.0
"""Sizes of type on the sheet: as a page shows it, and as a telephone does."""

MOST_LETTERS = 22
AVERAGE_WIDTH = 0.68
"""Of a bold letter, in sizes of type; ideographs are as wide as high."""
GAP = 4.0

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""

ASCENT, DESCENT = 0.95, 0.25
"""What a line of text may take above and below its base line, in sizes of type."""

_SIDES = (
    ("middle", 0, 1, ASCENT),
    ("start", 1, 0, (ASCENT - DESCENT) / 2),
    ("end", -1, 0, (ASCENT - DESCENT) / 2),
    ("middle", 0, -1, -DESCENT),
)
"""Below, right, left, above: how a text is anchored, where to, and how far down its
base line is, in sizes of type: box and page both go by it."""


@dataclass(frozen=True, slots=True)
class Circle:
    """What is to have a name."""

    x: float
    y: float
    radius: float
    name: str


@dataclass(frozen=True, slots=True)
class Label:
    """A name on the map; `is_small` where there is no room for it in large type."""

    x: float
    y: float
    anchor: str
    rise: str
    name: str
    is_small: bool


def shortened(name: str) -> str:
    """Return a name as short as a map needs it."""
    if len(name) <= MOST_LETTERS:
        return name
    return name[: MOST_LETTERS - 1].rstrip() + "…"


def place_labels(
    circles: Sequence[Circle], width: float, height: float, most: int
) -> list[Label]:
    """Return labels of as many circles as have room, the first ones first.

    In large type fewer have room than in small type; who has it in both stands at the
    same side, as a page does not know which type will be shown.
    """
    names = [shortened(circle.name) for circle in circles]
    at_side: dict[int, int] = {}
    num_placed: list[int] = []
    for size in (LARGE, SMALL):
        boxes = {
            i: _box(circles[i], names[i], side, size) for i, side in at_side.items()
        }
        for i, circle in enumerate(circles):
            if len(at_side) >= most:
                break
            if i in at_side or not names[i].strip():
                continue
            for side in range(len(_SIDES)):
                box = _box(circle, names[i], side, size)
                if _is_free(box, i, circles, boxes, (width, height)):
                    at_side[i], boxes[i] = side, box
                    break
        num_placed.append(len(at_side))
    num_large = num_placed[0]
    labels = []
    for count, (i, side) in enumerate(at_side.items()):
        anchor, right, down, base = _SIDES[side]
        away = circles[i].radius + GAP
        x, y = circles[i].x + right * away, circles[i].y + down * away
        x, y, rise = round(x, 1), round(y, 1), f"{base:.2f}em"
        labels.append(Label(x, y, anchor, rise, names[i], count >= num_large))
    return labels


def _box(circle: Circle, name: str, side: int, size: float) -> Box:
    anchor, right, down, base = _SIDES[side]
    letters = sum(1.0 if east_asian_width(c) in "WF" else AVERAGE_WIDTH for c in name)
    width, away = letters * size, circle.radius + GAP
    x, y = circle.x + right * away, circle.y + down * away
    left = x - {"middle": width / 2, "start": 0.0, "end": width}[anchor]
    top, bottom = y + (base - ASCENT) * size, y + (base + DESCENT) * size
    return left, top, left + width, bottom


def _is_free(
    box: Box,
    circle_index: int,
    circles: Sequence[Circle],
    boxes: dict[int, Box],
    sheet: tuple[float, float],
) -> bool:
    left, top, right, bottom = box
    if left < 0 or top < 0 or right > sheet[0] or bottom > sheet[1]:
        return False
    for other in boxes.values():
        if (
            left < other[2]
            and other[0] < right
            and top < other[3]
            and other[1] < bottom
        ):
            return False
    for i, circle in enumerate(circles):
        # How far the middle of a circle is from the nearest point of the box.
        x = max(left - circle.x, 0.0, circle.x - right)
        y = max(top - circle.y, 0.0, circle.y - bottom)
        if i != circle_index and x * x + y * y < circle.radius * circle.radius:
            return False
    return True
