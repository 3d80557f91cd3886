"""Fuzz a reader, led by coverage: ``python -m benchmarks.fuzz ical -runs=10000``.

Needs atheris (``pip install atheris``), which is no dependency. The readers, what they
start from and what must hold are those of ``tests/io/test_fuzz.py``.
"""

import sys
import tempfile
from importlib import import_module
from pathlib import Path


def main() -> None:
    """Fuzz the reader named first; the rest goes to libFuzzer."""
    atheris = import_module("atheris")  # nothing else needs it
    with atheris.instrument_imports(include=["sharematch"]):
        from tests.io.test_fuzz import READERS, check  # noqa: PLC0415 (counted)

    name, *options = sys.argv[1:]
    seed, read = READERS[name]
    with tempfile.TemporaryDirectory() as folder:
        corpus, place = Path(folder, "corpus"), Path(folder, "files")
        corpus.mkdir()
        place.mkdir()
        (corpus / "seed").write_text(seed, "utf-8")
        atheris.Setup(
            [sys.argv[0], *options, str(corpus)],
            lambda content: check(read, place, content),
        )
        atheris.Fuzz()


if __name__ == "__main__":
    main()
