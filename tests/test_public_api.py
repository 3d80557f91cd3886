"""What `import sharematch` offers, and what it costs."""

import json
import re
import subprocess
import sys
from importlib import import_module
from importlib.resources import files
from inspect import ismodule
from pathlib import Path
from pkgutil import iter_modules

import pytest

import sharematch

PUBLIC = {
    # records
    *("Area", "Community", "Provider", "Facility", "Slot", "Need", "Pair", "Link"),
    *("Past", "Decision", "Instance", "Window", "Travel", "Answer"),
    # policies
    *("Policy", "Maximize", "Minimize", "Leximin", "Leximax"),
    *("AtLeast", "AtMost", "Within"),
    # verbs
    *("solve", "solve_many", "verify", "check_certificate"),
    *("explain", "advise", "compare", "register_measure"),
    # what they return and raise
    *("Result", "Status", "Allocation", "SharematchError", "InputError"),
}


def names_loaded_by(code: str) -> set[str]:
    """Top-level packages that a fresh interpreter loads to run `code`."""
    show = "import json, sys; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{show}"],
        capture_output=True,
        check=True,
        text=True,
    )
    return {name.partition(".")[0] for name in json.loads(done.stdout)}


def test_import_loads_no_third_party_package():
    added = names_loaded_by("import sharematch") - names_loaded_by("")
    third_party = added - set(sys.stdlib_module_names) - {"sharematch"}
    assert third_party == set()


def test_all_is_the_public_names_sorted():
    assert list(sharematch.__all__) == sorted(PUBLIC)


@pytest.mark.parametrize("name", sorted(sharematch.__all__))
def test_public_name_is_there_and_documented(name: str):
    value = getattr(sharematch, name)
    assert value.__doc__
    assert value.__name__ == name


def test_dir_shows_the_public_names_and_the_modules_of_the_second_tier():
    names = {name for name in dir(sharematch) if not name.startswith("_")}
    modules = {name for name in names if ismodule(getattr(sharematch, name))}
    assert names - modules == set(sharematch.__all__)


def test_no_module_hides_a_public_name():
    modules = {module.name for module in iter_modules(sharematch.__path__)}
    assert modules.isdisjoint(PUBLIC)


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no_such_name"):
        getattr(sharematch, "no_such_name")  # noqa: B009 (type checkers know it is none)


def test_types_are_marked_as_shipped():
    assert files("sharematch").joinpath("py.typed").is_file()


def test_modules_known_to_type_checkers_are_those_there_are():
    source = Path(sharematch.__file__).read_text(encoding="utf-8")
    typed = set(re.findall(r"^ +(\w+) as \1,?$", source, re.MULTILINE))
    assert typed == sharematch._MODULES


@pytest.mark.parametrize(
    ("door", "home"),
    [
        ("generate", "datasets.generate"),
        ("graph", "io.graph"),
        ("lots", "model.lots"),
        ("openings", "io.openings"),
        ("plots", "report.plots"),
    ],
)
def test_a_door_to_one_module_has_all_its_names(door: str, home: str):
    outside, inside = (import_module(f"sharematch.{name}") for name in (door, home))
    assert outside.__all__ == inside.__all__
    assert outside.__doc__ == inside.__doc__
    for name in inside.__all__:
        assert getattr(outside, name) is getattr(inside, name)
