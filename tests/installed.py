"""Try an sdist or wheel as a user does: `python tests/installed.py FILE FOLDER`.

In an environment of its own, without this checkout on the path: the demo runs, a plan
is made, verified and reported, a season begins, and the types and data are there.
"""

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

EXTRAS = "report,season"
COMMANDS = (
    "sharematch --version",
    "sharematch demo",
    "sharematch new starter",
    "sharematch solve starter --policy starter/policy.toml --out plan.json",
    "sharematch verify starter plan.json",
    "sharematch report starter plan.json --out plan.html",
    "sharematch season init season.db",
)
SHIPPED = (
    "from importlib.resources import files as f; f('sharematch').joinpath({}).open()"
)


def run(*command: str | Path, cwd: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    subprocess.run(command, check=True, cwd=cwd, env=environment)


def main(package: Path, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    venv.create(folder, with_pip=True)
    programs = folder / "bin"
    python = programs / "python"
    install = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    run(python, *install, str(package), cwd=folder)
    run(programs / "sharematch", "demo", "--quiet", cwd=folder)  # without any extra
    run(python, *install, f"{package}[{EXTRAS}]", cwd=folder)
    for command in COMMANDS:
        program, *arguments = command.split()
        print("$", command, flush=True)
        run(programs / program, *arguments, cwd=folder)
    run(python, "-c", SHIPPED.format("'py.typed'"), cwd=folder)
    print(f"{package.name} installs and works")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve())
