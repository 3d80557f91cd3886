"""Each example runs and prints what is stored in `examples/expected`.

After a change that is meant, `python -m tests.test_examples` stores outputs anew:
all, or those of the examples named.
"""

import re
import subprocess
import sys
from pathlib import Path
from runpy import run_path

import pytest

from sharematch.io import read_instance
from tests.example_runs import EXAMPLES, run

NAMES = sorted(path.stem for path in EXAMPLES.glob("*.py"))
LISTED = (EXAMPLES / "README.md").read_text(encoding="utf-8")
NEEDS = {
    name: int(count.replace(",", ""))
    for name, count in re.findall(
        r"^\| `(\w+)` \| .*? \| ([\d,]+) \|$", LISTED, re.MULTILINE
    )
}
"""How many needs examples of real size solve, as their list says."""
HUNDREDS = 200
WIDTH = 80
"""Characters of a line that a page shows without scrolling."""


@pytest.mark.parametrize("name", NAMES)
def test_example_prints_what_is_stored(name: str, capfd: pytest.CaptureFixture[str]):
    done = run(name)
    assert capfd.readouterr() == ("", "")  # nothing beside Python's own output
    assert done.complained == ""
    stored = EXAMPLES / "expected" / f"{name}.txt"
    assert done.printed == stored.read_text(encoding="utf-8")
    assert done.most_needs == NEEDS.get(name, done.most_needs)


def test_an_example_runs_by_itself():
    done = subprocess.run(
        [sys.executable, "-X", "utf8", EXAMPLES / "old_town.py"],
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    assert done.stderr == ""
    stored = EXAMPLES / "expected" / "old_town.txt"
    assert done.stdout == stored.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_example_is_short_and_opens_with_its_question(name: str):
    lines = (EXAMPLES / f"{name}.py").read_text(encoding="utf-8").splitlines()
    assert len(lines) < (120 if name in NEEDS else 80)
    assert lines[0].startswith('"""')
    assert lines[0].endswith("?")


@pytest.mark.parametrize("name", NEEDS)
def test_example_of_real_size_says_what_is_known_and_what_assumed(name: str):
    about = (EXAMPLES / f"{name}.py").read_text(encoding="utf-8").split('"""')[1]
    assert NEEDS[name] >= HUNDREDS
    assert "Known:" in about
    assert "Assumed:" in about


@pytest.mark.parametrize("name", NEEDS)
def test_output_of_real_size_fits_the_page(name: str):
    stored = (EXAMPLES / "expected" / f"{name}.txt").read_text(encoding="utf-8")
    assert max(map(len, stored.splitlines())) <= WIDTH


def test_the_list_of_examples_has_each_with_its_question():
    for name in NAMES:
        script = (EXAMPLES / f"{name}.py").read_text(encoding="utf-8")
        question = script.splitlines()[0].removeprefix('"""')
        assert f"| `{name}` | {question} |" in LISTED


def test_every_stored_output_has_its_example():
    stored = {path.stem for path in (EXAMPLES / "expected").glob("*.txt")}
    assert stored == set(NAMES)


def test_san_francisco_is_what_its_tables_make():
    folder = EXAMPLES / "san_francisco"
    made = run_path(str(folder / "build.py"))["build"]()
    stored = read_instance(folder / "instance.json")
    for name in ("communities", "facilities", "slots", "needs", "links"):
        assert set(getattr(made, name)) == set(getattr(stored, name))


@pytest.mark.parametrize("name", ["published_rules", "town_season"])
def test_tables_are_what_their_script_makes(name: str, tmp_path: Path):
    folder = EXAMPLES / name
    run_path(str(folder / "build.py"))["write"](tmp_path)
    made, stored = (
        {path.relative_to(top): path.read_bytes() for path in top.rglob("*.csv")}
        for top in (tmp_path, folder)
    )
    assert made == stored


def test_published_rules_are_half_a_page_each():
    policies = [*(EXAMPLES / "published_rules").glob("*/policy.toml")]
    assert len(policies) == 3
    for path in policies:
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 25


if __name__ == "__main__":
    for name in sys.argv[1:] or NAMES:
        path = EXAMPLES / "expected" / f"{name}.txt"
        path.write_text(run(name).printed, encoding="utf-8")
