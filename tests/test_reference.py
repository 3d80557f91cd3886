"""The Python reference leaves no public name out."""

import inspect
import re
from importlib import import_module
from pathlib import Path

import pytest

import sharematch as sm

PAGES = (Path(__file__).parents[1] / "docs" / "api").glob("*.md")
TEXT = "\n".join(page.read_text(encoding="utf-8") for page in sorted(PAGES))
MODULES = sorted(set(dir(sm)) - set(sm.__all__) - {"__version__"})
PACKAGES = ["advice", "claims", "explanation", "lots"]  # not among those of `sm`


def directives(kind: str) -> list[str]:
    """Return what directives of a kind document, in the order of the pages."""
    return re.findall(rf"^\.\. auto(?:{kind}):: (\S+)$", TEXT, re.MULTILINE)


def test_every_public_name_is_documented_once():
    names = directives("class|function")
    assert sorted(n for n in names if "." not in n) == sorted(sm.__all__)


def test_every_module_is_documented_once():
    wanted = sorted(f"sharematch.{name}" for name in {*MODULES, *PACKAGES})
    assert sorted(directives("module")) == wanted


@pytest.mark.parametrize("name", [*MODULES, *PACKAGES])
def test_every_name_of_a_module_is_documented(name: str):
    module = import_module(f"sharematch.{name}")
    for public in module.__all__:
        thing = vars(module).get(public)
        if inspect.isclass(thing) or inspect.isfunction(thing):
            assert inspect.getdoc(thing)  # the directive of the module finds it
        elif not isinstance(thing, dict):  # loaded when used, or a value
            assert f" sharematch.{name}.{public}\n" in TEXT
