"""Levels of areas, such as subdistricts in districts: how they stack."""

from collections.abc import Iterable
from typing import Any

from sharematch.errors import InputError, Problem
from sharematch.text import Text

__all__ = ["levels_of"]


def levels_of(areas: Iterable[Any]) -> list[str]:
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
                        "instance.is_of_level_but_other_areas",
                        "area",
                        area.id,
                        "parent",
                        str(area.parent),
                        Text("instance.an_area_of_level", level=above[area.level]),
                        parent=parent.level,
                        level=area.level,
                        above=above[area.level],
                    )
                ]
            )
    names = {area.level for area in by_id.values()}
    lowest = sorted(names - set(above.values()))
    if not names:
        return []
    if len(lowest) != 1:
        lowest_text = ", ".join(lowest) or Text("instance.none_the_levels_lie_in_each")
        raise InputError(
            [
                Problem(
                    "instance.one_level_must_be_the_lowest",
                    "area",
                    field="level",
                    hint="instance.give_areas_of_the_lower_level",
                    found=lowest_text,
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
                    "instance.levels_do_not_stack_stands_apart",
                    "area",
                    field="level",
                    lost=lost,
                )
            ]
        )
    return levels
