"""List, build and check instances of the library.

python -m benchmarks.instances list
python -m benchmarks.instances build NAME --out PATH
python -m benchmarks.instances check FILE… [--instance NAME --policy NAME] [--json]
python -m benchmarks.instances record [NAME…] [--time-limit 60]

`check` ends with 1 if a plan is not valid, `record` adds what is new and better.
"""

import argparse
import json
import sys
from pathlib import Path

import sharematch as sm
from benchmarks.instances import library
from benchmarks.instances.checking import check
from benchmarks.instances.recording import record
from sharematch.errors import InputError


def main(arguments: list[str] | None = None) -> None:
    parser = _parser()
    given = parser.parse_args(arguments)
    try:
        given.run(given)
    except (InputError, ValueError, OSError) as error:
        parser.exit(1, f"{error}\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.instances")
    commands = parser.add_subparsers(required=True)
    listing = commands.add_parser("list", help="the instances and what is known")
    listing.set_defaults(run=_list)
    building = commands.add_parser("build", help="write an instance")
    building.add_argument("name", choices=library.ENTRIES)
    building.add_argument("--out", type=Path, required=True)
    building.set_defaults(run=_build)
    checking = commands.add_parser("check", help="judge results or plans")
    checking.add_argument("files", nargs="+", type=Path)
    checking.add_argument("--instance", choices=library.ENTRIES, default="")
    checking.add_argument("--policy", choices=library.POLICIES, default="")
    checking.add_argument("--json", action="store_true")
    checking.set_defaults(run=_check)
    recording = commands.add_parser("record", help="solve, keep what is new or better")
    recording.add_argument("names", nargs="*")
    recording.add_argument("--time-limit", type=float, default=60)
    recording.set_defaults(run=_record)
    return parser


def _list(_: argparse.Namespace) -> None:
    print(f"{'instance':26}{'needs':>8}{'slots':>7}{'arcs':>9}  best known")
    for name in library.ENTRIES:
        if (facts := library.known().get(name)) is None:
            continue
        proofs = (f"{key} {row['proof']}" for key, row in facts["best"].items())
        sizes = f"{facts['needs']:8}{facts['slots']:7}{facts['arcs']:9}"
        print(f"{name:26}{sizes}  {', '.join(proofs)}")


def _build(given: argparse.Namespace) -> None:
    instance = library.build(given.name)
    digest = sm.io.instance_hash(instance)
    if digest != library.known()[given.name]["hash"]:
        raise ValueError(f"{given.name}: this version makes another one, {digest}")
    sm.io.write_instance(instance, given.out)


def _check(given: argparse.Namespace) -> None:
    found = [check(path, given.instance, given.policy) for path in given.files]
    if given.json:
        json.dump([verdict.to_dict() for verdict in found], sys.stdout)
        print()
    else:
        print(*found, sep="\n")
    if any(verdict.standing == "invalid" for verdict in found):
        sys.exit(1)


def _record(given: argparse.Namespace) -> None:
    if unknown := set(given.names) - set(library.ENTRIES):
        raise ValueError(f"{', '.join(sorted(unknown))}: not in the library")
    record(given.names or list(library.ENTRIES), time_limit=given.time_limit)


if __name__ == "__main__":
    main()
