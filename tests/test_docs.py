"""What the README and the documentation show is what happens.

Of each page, in order and in one empty folder: code blocks with a caption are written
as files of that name, `python` blocks run, lines of `console` blocks that begin with
`$ ` run too, and what follows is what they print, or the error they end with. Code that
needs more than a laptop is marked `py` or `sh` and not run.
"""

import contextlib
import io
import re
import shlex
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(
    r"^```(?P<kind>python|console|\{code-block\} \w+\n:caption: (?P<file>\S+))\n"
    r"(?P<code>.*?)^```$"
    r"(?:\s*^```text\n(?P<printed>.*?)^```$)?",
    re.DOTALL | re.MULTILINE,
)


def run_python(code: str, names: dict[str, Any]) -> str:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, names)
    return printed.getvalue()


def run_console(text: str) -> str:
    """Return the console again, with what each of its commands prints today."""
    lines = []
    for line in text.splitlines():
        if not line.startswith("$ "):
            continue
        program, *arguments = shlex.split(line.removeprefix("$ "))
        assert program == "sharematch"
        done = subprocess.run(
            [sys.executable, "-m", "sharematch", *arguments],
            capture_output=True,
            check=False,
            text=True,
        )
        shown = done.stderr if done.returncode else done.stdout
        lines += [line, *(row.rstrip() for row in shown.splitlines())]
    return "".join(f"{line}\n" for line in lines)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_page_shows_what_happens(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for block in BLOCK.finditer(page.read_text(encoding="utf-8")):
        code = block["code"]
        if block["file"]:
            Path(block["file"]).parent.mkdir(parents=True, exist_ok=True)
            Path(block["file"]).write_text(code.lstrip("\n"), encoding="utf-8")
        elif block["kind"] == "python":
            assert run_python(code, names) == (block["printed"] or "")
        else:
            assert run_console(code) == code


def test_blocks_are_found():
    found = BLOCK.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    assert len(found) >= 3


def rows_of(page: str) -> list[list[str]]:
    """Return the cells of all tables of a page, without their headings."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_every_extra_stands_on_the_install_page():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    named = {
        name for row in rows_of("install.md") for name in re.findall("`(\\w+)`", row[0])
    }
    assert named == set(project["project"]["optional-dependencies"])
    assert f"sharematch-{project['project']['version']}-py3" in (
        ROOT / "docs" / "install.md"
    ).read_text(encoding="utf-8")


def test_the_glossary_has_no_word_twice():
    words = [
        row for row in rows_of("glossary.md") if row[0] not in ("word", "they say")
    ]
    english = [word for row in words for word in row[0].split(", ")]
    assert sorted(word for word, n in Counter(english).items() if n > 1) == []
    meanings = [row[2] for row in words if not row[2].startswith("[")]
    assert len(set(meanings)) == len(meanings)
