"""The prototype for seasons of halls, where its file is at hand: no part of this."""

import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import sharematch as sm
from benchmarks.race.entries import Row
from sharematch.io import write_instance

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


def has_prototype() -> bool:
    return _FILE.exists()


def prototype_plan(
    instance: sm.Instance, policy: sm.Policy, seconds: float
) -> list[Row] | None:
    """Return the plan that the prototype ends with; it reads the season from CSV."""
    del policy  # it knows one only
    with TemporaryDirectory() as folder:
        write_instance(instance, Path(folder) / "season")
        call = [sys.executable, "-c", _CALL, f"{folder}/plan.json", str(_FILE)]
        call += [f"{folder}/season", "--seconds", str(seconds)]
        subprocess.run(call, check=True, capture_output=True, timeout=2 * seconds + 25)
        plan = json.loads((Path(folder) / "plan.json").read_text(encoding="utf-8"))
    return [(slot, need, units) for slot, need, units in plan]
