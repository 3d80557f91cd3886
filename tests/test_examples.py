"""Each example runs and prints what is stored in `examples/expected`.

After a change that is meant, `python tests/test_examples.py` stores the outputs anew.
"""

import subprocess
import sys
from pathlib import Path
from runpy import run_path

import pytest

from sharematch.io import read_instance

EXAMPLES = Path(__file__).parents[1] / "examples"
NAMES = sorted(path.stem for path in EXAMPLES.glob("*.py"))


def run(name: str) -> subprocess.CompletedProcess[str]:
    """Run an example in a fresh interpreter."""
    return subprocess.run(
        [sys.executable, "-X", "utf8", EXAMPLES / f"{name}.py"],
        capture_output=True,
        check=False,
        cwd=EXAMPLES,
        encoding="utf-8",
    )


@pytest.mark.parametrize("name", NAMES)
def test_example_prints_what_is_stored(name: str):
    done = run(name)
    assert done.stderr == ""
    stored = EXAMPLES / "expected" / f"{name}.txt"
    assert done.stdout == stored.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_example_is_short_and_opens_with_its_question(name: str):
    lines = (EXAMPLES / f"{name}.py").read_text(encoding="utf-8").splitlines()
    assert len(lines) < 80
    assert lines[0].startswith('"""')
    assert lines[0].endswith("?")


def test_the_list_of_examples_has_each_with_its_question():
    listed = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    for name in NAMES:
        script = (EXAMPLES / f"{name}.py").read_text(encoding="utf-8")
        question = script.splitlines()[0].removeprefix('"""')
        assert f"| `{name}` | {question} |" in listed


def test_every_stored_output_has_its_example():
    stored = {path.stem for path in (EXAMPLES / "expected").glob("*.txt")}
    assert stored == set(NAMES)


def test_san_francisco_is_what_its_tables_make():
    folder = EXAMPLES / "san_francisco"
    made = run_path(str(folder / "build.py"))["build"]()
    stored = read_instance(folder / "instance.json")
    for name in ("communities", "facilities", "slots", "needs", "links"):
        assert set(getattr(made, name)) == set(getattr(stored, name))


def test_town_season_is_what_its_script_makes(tmp_path: Path):
    folder = EXAMPLES / "town_season"
    run_path(str(folder / "build.py"))["write"](tmp_path)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert made == {path.name: path.read_bytes() for path in folder.glob("*.csv")}


if __name__ == "__main__":
    for name in NAMES:
        path = EXAMPLES / "expected" / f"{name}.txt"
        path.write_text(run(name).stdout, encoding="utf-8")
