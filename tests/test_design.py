"""The map of the rooms shows all of them, as the import contracts do, and no other."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "sharematch"
MAP = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
PICTURE = MAP.partition("```text\n")[2].partition("```")[0]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ROOMS = sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))
DOORS = {
    path.stem
    for path in PACKAGE.glob("[a-z]*.py")
    if path.stem not in ("errors", "progress")
}


def layers(container: str) -> list[set[str]]:
    """Return the floors that the import contracts hold, the lowest first."""
    (contract,) = (
        contract
        for contract in SETTINGS["tool"]["importlinter"]["contracts"]
        if contract.get("containers") == [container]
    )
    floors = [set(re.findall(r"\w+", floor)) for floor in contract["layers"]]
    return floors[::-1]


def floors_in_picture() -> list[set[str]]:
    """Return the rooms on each floor of the picture, the lowest first."""
    named = [line[:35].strip() for line in PICTURE.splitlines()]
    return [set(re.findall(r"\w+", names)) for names in reversed(named) if names]


def test_the_picture_has_the_floors_of_the_contract():
    inner = [rooms - DOORS for rooms in layers("sharematch")]
    assert floors_in_picture() == [rooms for rooms in inner if rooms - {"__main__"}]


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_has_a_paragraph(room: str):
    assert re.search(rf"^\*\*`{room}`\*\* |\*\*`{room}`\*\* is", MAP, re.MULTILINE)


@pytest.mark.parametrize("room", ["core", "plans", "solvers"])
def test_the_picture_has_the_order_inside_a_room(room: str):
    drawn = re.search(rf"^ +{room} +(.*(?:\n +→.*)*)", PICTURE, re.MULTILINE)
    assert drawn is not None
    order = [set(re.findall(r"\w+", part)) for part in drawn[1].split("→")]
    wanted = [names - {"monitor"} for names in layers(f"sharematch.{room}")]
    assert [names - set(_words(drawn[1])) for names in order] == [
        n for n in wanted if n
    ]


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", " ".join(re.findall(r"\((.*?)\)", text)))


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`([\w/]+/[\w.]+)`", MAP))))
def test_every_path_in_it_is_there(path: str):
    assert (PACKAGE / path).exists()


def test_what_is_on_the_top_floor_beside_rooms_is_a_door():
    for name in DOORS:
        source = (PACKAGE / f"{name}.py").read_text(encoding="utf-8")
        code = source.split('"""', 2)[2]
        assert re.fullmatch(
            r"(\s|from sharematch\.[\w.]+ import (\([^)]*\)|.*)|__all__ = \[[^]]*\])*",
            code,
        )
