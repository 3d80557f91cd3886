"""Packages that only some features need: how to install them."""

import re
import shlex
import shutil
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, requires
from importlib.util import find_spec
from pathlib import Path

__all__ = ["install"]


def install(extra: str) -> str:
    """Return the command that installs what an extra needs into this Python.

    It names the packages themselves, so it is the same for a copy of the repository
    and for an installed package.

    Examples
    --------
    >>> install("report").partition(" ")[2]
    "-m pip install 'jinja2>=3.1'"
    """
    names = [shlex.quote(name) for name in _needed(extra)]
    names = names or [f"'sharematch[{extra}]'"]
    python = _python()
    if find_spec("pip") is None:
        return f"uv pip install --python {python} {' '.join(names)}"
    return f"{python} -m pip install {' '.join(names)}"


def _needed(extra: str) -> list[str]:
    """Return the requirements of an extra, as the package says or its source."""
    source = Path(__file__).parents[2] / "pyproject.toml"
    if source.is_file():  # not installed, or installed from here
        project = tomllib.loads(source.read_text("utf-8")).get("project", {})
        if project.get("name") == "sharematch":
            return list(project["optional-dependencies"].get(extra, ()))
    try:
        said = requires("sharematch") or ()
    except PackageNotFoundError:
        return []
    return [name for each in said if (name := _of_extra(each, extra))]


def _of_extra(requirement: str, extra: str) -> str:
    """Return what a requirement asks for if it is one of an extra, else nothing."""
    name, _, marker = requirement.partition(";")
    is_of = re.search(rf"""\bextra\s*==\s*["']{re.escape(extra)}["']""", marker)
    return name.strip() if is_of else ""


def _python() -> str:
    """Return how this Python is called: by its name where that finds it."""
    first = shutil.which("python")
    here = Path(sys.executable).absolute()
    is_first = first is not None and Path(first).absolute() == here
    return "python" if is_first else shlex.quote(sys.executable)
