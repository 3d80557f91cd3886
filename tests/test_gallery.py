"""Every mechanism has an example, and the generated pages leave nothing out."""

import runpy
from pathlib import Path
from typing import Any

import pytest
import typer.main

from sharematch.cli import app

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"


@pytest.fixture(scope="module")
def pages() -> dict[str, Any]:
    """Return the names of the script that writes the pages."""
    return runpy.run_path(str(ROOT / "docs" / "generated.py"))


def test_every_mechanism_has_an_example(pages: dict[str, Any]):
    mechanisms = pages["MECHANISMS"]
    assert list(mechanisms) == list(range(1, 26))
    assert [number for number, (_, names) in mechanisms.items() if not names] == []


def test_examples_of_mechanisms_are_listed(pages: dict[str, Any]):
    named = {name for _, names in pages["MECHANISMS"].values() for name in names}
    assert named <= set(pages["questions"]())


def test_every_example_is_listed(pages: dict[str, Any]):
    assert set(pages["questions"]()) == {path.stem for path in EXAMPLES.glob("*.py")}


def test_gallery_shows_a_picture_and_a_section_of_each_example(pages: dict[str, Any]):
    lines = pages["gallery"]().splitlines()
    for name, question in pages["questions"]().items():
        anchor = name.replace("_", "-")
        assert f":::{{figure}} images/gallery/{name}-small.svg" in lines
        assert f"[{question}](#{anchor})" in lines
        assert f"({anchor})=" in lines
        assert f"### {question}" in lines


def paths(group: Any, path: str) -> list[str]:
    """Return the whole names of all commands below a group, in the order of help."""
    whole = []
    for name, command in group.commands.items():
        below = f"{path} {name}"
        whole += paths(command, below) if hasattr(command, "commands") else [below]
    return whole


def test_command_line_page_has_every_command_in_order(pages: dict[str, Any]):
    heads = [
        line.removeprefix("## ")
        for line in pages["command_line"]().splitlines()
        if line.startswith("## ")
    ]
    assert heads == paths(typer.main.get_command(app), "sharematch")
    assert "sharematch season init" in heads
