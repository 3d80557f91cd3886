"""Solve the case study and write its figures and pictures.

python -m benchmarks.toronto DATA [--out build/toronto] [--record]

DATA holds the City's tables. Names and maps go to the folder only, which is not kept;
`--record` keeps the aggregate figures. Ends with 1 if the same tables give others.
"""

import argparse
import hashlib
import json
from pathlib import Path
from typing import Any

from benchmarks.toronto import LICENSE, figures, tables
from benchmarks.toronto.city import (
    FILES,
    Assumptions,
    read_city,
    read_names,
    read_shapes,
)
from benchmarks.toronto.study import Study, study
from sharematch.errors import InputError
from sharematch.io.native import documents
from sharematch.io.native.atomic import write_text

EXPECTED = Path(__file__).with_name("expected.json")
_MOST_NAMED = 5


def digest(folder: Path) -> str:
    """Return "sha256:…" of the City's tables."""
    whole = hashlib.sha256()
    for name in FILES:
        whole.update(hashlib.sha256((folder / name).read_bytes()).digest())
    return f"sha256:{whole.hexdigest()}"


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.toronto")
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, default=Path("build/toronto"))
    parser.add_argument("--record", action="store_true")
    given = parser.parse_args(arguments)
    try:
        _run(parser, given)
    except (InputError, OSError) as error:
        parser.exit(1, f"{error}\n")


def _run(parser: argparse.ArgumentParser, given: argparse.Namespace) -> None:
    assumed = Assumptions()
    print(assumed, LICENSE, sep="\n\n")
    found = study(read_city(given.data, assumed), assumed)
    document: dict[str, Any] = {
        "license": LICENSE,
        "data": digest(given.data),
        "figures": found.figures(),
    }
    print("", tables.text(document["figures"]), "", _named(found, given.data), sep="\n")
    paths = figures.draw(found, read_shapes(given.data), given.out)
    target = EXPECTED if given.record else given.out / "figures.json"
    write_text(target, documents.json_text(document))
    print("\nWritten:", *paths, target, sep="\n")
    print(f"\n{_judged(parser, document)}")


def _named(found: Study, folder: Path) -> str:
    """Return the first places for one more session, by name."""
    names = read_names(folder)
    lines = []
    for radius, advice in found.advice.items():
        places = dict.fromkeys(option.place["facility"] for option in advice)
        first = ", ".join(names[place] for place in list(places)[:_MOST_NAMED])
        lines.append(f"  {f'{radius} km' if radius else 'own'}: {first}")
    return "\n".join(("First places for it:", *lines))


def _judged(parser: argparse.ArgumentParser, document: dict[str, Any]) -> str:
    expected = json.loads(EXPECTED.read_text(encoding="utf-8"))
    if expected["data"] != document["data"]:
        return "The tables are others than those of docs/toronto.md."
    if expected["figures"] != document["figures"]:
        parser.exit(1, f"These are not the figures of {EXPECTED}.\n")
    return "All figures are those of docs/toronto.md."


if __name__ == "__main__":
    main()
