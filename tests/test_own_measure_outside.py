"""A measure that a package of somebody else's brings, as the documentation shows it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "howto" / "own_measure.md").read_text(encoding="utf-8")
FILE = re.compile(
    r"^```\{code-block\} \w+\n:caption: (?P<name>\S+)\n(?P<text>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder outside the package with the files of the page."""
    for block in FILE.finditer(PAGE):
        path = tmp_path / block["name"]
        path.parent.mkdir(exist_ok=True)
        path.write_text(block["text"], encoding="utf-8")
    return tmp_path


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
        text=True,
        encoding="utf-8",
    )


def test_the_page_prints_what_it_says(folder: Path):
    done = run(folder, "plan.py")
    assert done.stderr == ""
    _, _, said = PAGE.partition("It prints:\n\n```text\n")
    assert done.stdout == said.partition("```")[0]


def test_the_command_line_knows_it_as_long_as_it_is_installed(folder: Path):
    solve = ("-m", "sharematch", "solve", "town.json", "--policy", "policy.toml")
    verify = ("-m", "sharematch", "verify", "town.json", "result.json")
    done = run(folder, *solve, "--out", "result.json", "--quiet")
    assert done.returncode == 0, done.stderr
    document = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    assert document["measures"]["steps"] == 24 * 4
    assert document["provenance"]["own_measures"] == {"steps": "town_steps.steps"}
    document["measures"]["steps"] = 0
    (folder / "result.json").write_text(json.dumps(document), encoding="utf-8")
    assert run(folder, *verify).returncode == 1
    (folder / "town_steps-1.0.dist-info" / "entry_points.txt").unlink()
    done = run(folder, *verify)
    assert done.returncode == 1
    assert "steps: is a measure that is not registered here" in done.stderr
    done = run(folder, *solve)
    assert done.returncode == 1
    assert "steps: is not a measure" in done.stderr
