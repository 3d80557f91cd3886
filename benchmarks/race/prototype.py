"""The prototype for seasons of halls, where its file is at hand: no part of this."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import sharematch as sm
from benchmarks.race.entries import Row

__all__ = ["BESIDE", "has_prototype", "prototype_plan"]

BESIDE = Path(os.environ.get("SHAREMATCH_RACE", "../shared"))
"""The folder beside this project that holds it, and a season to race on."""

_FILE = BESIDE / "prototypes" / "coupled_fair.py"

# The file prints figures only; what it leaves in its names is the plan itself.
_CALL = """
import json, runpy, sys
out, sys.argv = sys.argv[1], sys.argv[2:]
left = runpy.run_path(sys.argv[0], run_name="__main__")
ids = left["slots"], left["needs"], left["cells"], left["units"]
slots, needs, cells, units = ids
plan = [
    (slots[cell]["id"], needs[need]["id"], int(units[need]))
    for need, column in left["best"].items() for cell in cells[column]
]
json.dump(plan, open(out, "w"))
"""


Table = dict[str, object]
_TIME = "%Y-%m-%dT%H:%M"


def has_prototype() -> bool:
    return _FILE.exists()


def prototype_plan(instance: sm.Instance, seconds: float) -> list[Row]:
    """Return the plan that the prototype ends with; its policy is that of seasons."""
    with TemporaryDirectory() as folder:
        _write(Path(folder) / "needs.csv", map(_need, instance.needs))
        _write(Path(folder) / "slots.csv", map(_slot, instance.slots))
        call = [sys.executable, "-c", _CALL, f"{folder}/plan.json", str(_FILE)]
        call += [folder, "--seconds", str(seconds)]
        subprocess.run(call, check=True, capture_output=True, timeout=2 * seconds + 25)
        plan = json.loads((Path(folder) / "plan.json").read_text(encoding="utf-8"))
    return [(slot, need, units) for slot, need, units in plan]


def _need(need: sm.Need) -> Table:
    dated = (w for w in need.windows if not isinstance(w, str))
    times = [f"{w.start:{_TIME}}/{w.end:{_TIME}}" for w in dated]
    return {
        "id": need.id,
        "community": need.community,
        "kind": need.kind,
        "quantity": need.quantity,
        "sessions": need.sessions,
        "person": need.person,
        "groups": ";".join(need.groups),
        "windows": ";".join(times),
        "choices": ";".join(need.choices),
    }


def _slot(slot: sm.Slot) -> Table:
    assert slot.start is not None
    assert slot.end is not None
    return {
        "id": slot.id,
        "facility": slot.facility,
        "kinds": ";".join(slot.kinds),
        "capacity": slot.capacity,
        "start": f"{slot.start:{_TIME}}",
        "end": f"{slot.end:{_TIME}}",
    }


def _write(path: Path, rows: Iterable[Table]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        lines = [*rows]
        table = csv.DictWriter(file, [*lines[0]])
        table.writeheader()
        table.writerows(lines)
