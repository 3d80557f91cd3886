"""Race: python -m benchmarks.race [CASE …] [--seconds S] [--seeds …] [--json]."""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.race.entrants import ENTRANTS, Heat
from benchmarks.race.registry import CASES
from benchmarks.race.results import document, faults, race
from benchmarks.race.tables import lines, summary_lines, write_between_marks

__all__ = ["main"]


def _sizes(named: list[str], *, everything: bool) -> Iterator[tuple[str, str]]:
    for name in named or CASES:
        case, _, size = name.partition(":")
        if size:
            yield case, size
        elif everything:
            yield from ((case, each) for each in CASES[case].sizes)
        else:
            large = CASES[case].large
            yield from ((case, each) for each in CASES[case].sizes if each not in large)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.race")
    parser.add_argument("cases", nargs="*", metavar="CASE", help="name, or name:size")
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--seeds", nargs="+", type=int, default=[1])
    parser.add_argument("--all", action="store_true", help="large sizes too")
    parser.add_argument("--only", nargs="+", choices=ENTRANTS, default=[*ENTRANTS])
    parser.add_argument("--list", action="store_true", help="what there is, no race")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--out", type=Path, help="a file for the JSON document")
    parser.add_argument("--stored", type=Path, help="the document of an earlier run")
    parser.add_argument("--table", type=Path, help="a page with marks for the table")
    return parser


def main(arguments: list[str] | None = None) -> int:
    parser = _arguments()
    given = parser.parse_args(arguments)
    for name in given.cases:
        case, _, size = name.partition(":")
        if case not in CASES or size not in ("", *CASES[case].sizes):
            parser.error(f"no case {name}; --list shows what there is")
    chosen = list(_sizes(given.cases, everything=given.all))
    if given.list:
        print("\n".join(f"{case}:{size}" for case, size in chosen))
        return 0
    if given.stored:
        found = json.loads(given.stored.read_text(encoding="utf-8"))
    else:
        heats = [
            Heat(*c[:1], s, c[1], given.seconds) for s in given.seeds for c in chosen
        ]
        found = document(_raced(heats, given), given.seconds)
    if given.out:
        _write(given.out, found)
    if given.table:
        write_between_marks(found, given.table)
    print(json.dumps(found) if given.json else summary_lines(found["summary"]))
    return 1 if any(map(faults, found["rows"])) else 0


def _write(path: Path, found: dict[str, Any]) -> None:
    path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def _raced(heats: list[Heat], given: argparse.Namespace) -> list[dict[str, Any]]:
    rows = []
    for heat in heats:
        rows.append(race(heat, given.only))
        if given.out:  # a run that is ended early leaves what it has
            _write(given.out, document(rows, given.seconds))
        if not given.json:
            print(lines(rows[-1]), flush=True)
        for fault in faults(rows[-1]):
            print(f"{heat.case} {heat.size} seed {heat.seed}: {fault}", file=sys.stderr)
    return rows


if __name__ == "__main__":
    sys.exit(main())
