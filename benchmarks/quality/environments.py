"""Environments of other libraries, each with what it needs, in versions measured."""

import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterable
from pathlib import Path

from benchmarks.quality import peers

__all__ = ["HOME", "peer_versions", "python_of", "set_up"]

HOME = Path(os.environ.get("SHAREMATCH_PEERS", ".peers"))
LEMON = "pylmcf==1.3.0"


def python_of(environment: str) -> Path:
    """Return the interpreter of an environment."""
    return HOME / environment / "bin" / "python"


def peer_versions() -> dict[str, str]:
    """Return the versions of other libraries that are there."""
    return {
        name: installed[0].partition("==")[2]
        for name, installed in peers.ENVIRONMENTS.items()
        if python_of(name).exists()
    }


def set_up(home: Path) -> None:
    """Make an environment for each other library; what cannot be had is said."""
    wanted = {name: (home / name, what) for name, what in peers.ENVIRONMENTS.items()}
    for folder, _ in wanted.values():
        if not (folder / "bin" / "python").exists():
            venv.create(folder, with_pip=True)
    wanted["LEMON"] = (Path(sys.prefix), [LEMON])
    for name, (folder, packages) in wanted.items():
        had = install(folder / "bin" / "python", packages)
        print(f"{name}: {'ready' if had else 'could not be had'}", flush=True)


def install(python: Path, packages: Iterable[str]) -> bool:
    """Install packages into an environment; return whether they could be had."""
    uv = shutil.which("uv")
    pip = [str(python), "-m", "pip", "install", "--disable-pip-version-check"]
    if uv is not None:
        pip = [uv, "pip", "install", "--python", str(python)]
    return subprocess.run([*pip, "--quiet", *packages], check=False).returncode == 0
