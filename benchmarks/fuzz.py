"""Fuzz readers, led by coverage: ``python -m benchmarks.fuzz ical csv -runs=10000``.

All readers without a name, each in a process of its own; what starts with "-" is for
libFuzzer. Needs atheris (``pip install atheris``), which is no dependency. The readers,
what they start from and what must hold are those of ``tests/io/test_fuzz.py``.
"""

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any


def main() -> None:
    """Fuzz the readers that are named; without a name, all."""
    atheris = import_module("atheris")  # nothing else needs it
    with atheris.instrument_imports(include=["sharematch"]):
        from tests.io import test_fuzz as fuzz  # noqa: PLC0415 (counted)

    known: dict[str, Any] = {**fuzz.READERS, **fuzz.BINARY}
    names = [text for text in sys.argv[1:] if not text.startswith("-")]
    options = [text for text in sys.argv[1:] if text.startswith("-")]
    if unknown := [name for name in names if name not in known]:
        sys.exit(f"{unknown[0]}: none of {', '.join(known)}")
    if len(names) != 1:
        failed = [name for name in names or known if not _ends_well(name, options)]
        sys.exit(", ".join(failed))

    seed, read = known[names[0]]
    with tempfile.TemporaryDirectory() as folder:
        corpus, place = Path(folder, "corpus"), Path(folder, "files")
        corpus.mkdir()
        place.mkdir()
        for number, content in enumerate(_seeds(seed, fuzz.NASTY)):
            (corpus / str(number)).write_bytes(content)
        sizes = ("-max_len=6000", "-len_control=0")
        atheris.Setup(
            [sys.argv[0], *sizes, *options, str(corpus)],
            lambda content: fuzz.check(read, place, content),
        )
        atheris.Fuzz()


def _seeds(seed: str | bytes, nasty: list[str]) -> Iterator[bytes]:
    """Yield a valid file, and some in which one word is another that often hurts."""
    content = seed.encode() if isinstance(seed, str) else seed
    yield content
    words = [*re.finditer(rb"\w+", content)]
    for number, text in enumerate(nasty):
        word = words[number * len(words) // len(nasty)]
        yield content[: word.start()] + text.encode() + content[word.end() :]


def _ends_well(name: str, options: list[str]) -> bool:
    """Fuzz one reader; libFuzzer ends the process it runs in."""
    command = [sys.executable, "-m", "benchmarks.fuzz", name, *options]
    done = subprocess.run(command, capture_output=True, check=False, encoding="utf-8")
    print(f"{name}: {'failed' if done.returncode else 'well'}", flush=True)
    if done.returncode:
        print(done.stdout[-4000:], done.stderr[-4000:], flush=True)
    return done.returncode == 0


if __name__ == "__main__":
    main()
