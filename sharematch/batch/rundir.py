"""The folder of a run: who may write to it, what in it is done, and what it holds.

`results/NAME.json`, `summary.csv`, `errors.csv` and `run.json` appear whole or not at
all. `log` has one JSON object a line and only grows; a result counts as done when its
line is there, which is written after the result. Locked while a run is at work; the
lock goes with the process, however that ends.
"""

import errno
import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sharematch.batch.inputs import hash_of
from sharematch.errors import InputError, Problem
from sharematch.io.native import documents
from sharematch.io.native.atomic import (
    check_inside,
    path_error,
    remove_remains,
    write_bytes,
    write_text,
)
from sharematch.io.native.encodings import write_table_text
from sharematch.text import Text

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

__all__ = ["Entry", "RunFolder"]

LOG = "log"
RESULTS = "results"
NAMES = {LOG, RESULTS, "summary.csv", "summary.parquet", "errors.csv", "run.json"}


@dataclass(frozen=True, slots=True)
class Entry:
    """What the log says of a result.

    Hashes of its input, of its file and of the settings it was made with; its line in
    `summary.csv`; seconds taken.
    """

    name: str
    input: str
    result: str
    settings: str
    summary: str
    seconds: float


class RunFolder:
    """A folder of results that one run at a time may write to; see `opened`."""

    def __init__(self, path: Path, log: int) -> None:
        self.path = path
        self._log = log
        self._done: dict[str, Entry] = {}

    @classmethod
    @contextmanager
    def opened(cls, path: Path) -> Iterator["RunFolder"]:
        """Yield the folder, made if need be, with nothing half-written in it.

        Raises
        ------
        InputError
            When it holds anything else, another run is at work in it, or it cannot
            be written.
        """
        log = None
        try:
            cls._check(path)
            path.mkdir(exist_ok=True)
            log = _locked(path / LOG)
            (path / RESULTS).mkdir(exist_ok=True)
            folder = cls(path, log)
            remove_remains(path)
            remove_remains(path / RESULTS)
            folder._read_log()
            yield folder
        except OSError as error:
            raise path_error(path, error) from error
        finally:
            if log is not None:
                os.close(log)

    @staticmethod
    def _check(path: Path) -> None:
        if not path.exists():
            return
        names = {item.name for item in path.iterdir()}
        foreign = sorted(name for name in names - NAMES if not name.startswith("."))
        if foreign or (names and LOG not in names):
            other = (foreign or sorted(names))[0]
            message = Text("file.holds_other_files_such_as", file=other)
            hint = Text("file.name_a_new_folder")
            raise InputError([Problem(message, str(path), hint=hint)])
        for item in (*path.iterdir(), *path.glob(f"{RESULTS}/*")):
            check_inside(path, item)

    # ---- the log

    def _read_log(self) -> None:
        text = (self.path / LOG).read_text(encoding="utf-8", errors="replace")
        if text and not text.endswith("\n"):  # killed, or the disk was full
            os.write(self._log, b"\n")
        for line in text.splitlines():
            entry = _entry(line)
            if entry is not None:
                self._done[entry.name] = entry

    def note(self, event: str, **details: Any) -> None:
        """Add a line to the log."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = json.dumps({"time": now, "event": event, **details}, ensure_ascii=False)
        content = f"{line}\n".encode()
        if os.write(self._log, content) < len(content):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    # ---- results

    def done(self, name: str, settings: str) -> Entry | None:
        """Return what the log says of a result that is still there as it was."""
        entry = self._done.get(name)
        if entry is None or entry.settings != settings:
            return None
        try:
            content = self._result(name).read_bytes()
        except OSError:
            return None
        return entry if hash_of(content) == entry.result else None

    def keep(self, entry: Entry, content: bytes) -> None:
        """Write a result, then say in the log that it is done."""
        write_bytes(self._result(entry.name), content)
        self.note("done", **asdict(entry))

    def drop(self, name: str) -> None:
        """Remove the result of an instance that has none any more, if there is one."""
        self._result(name).unlink(missing_ok=True)

    def drop_all_but(self, names: Iterable[str]) -> None:
        """Remove results of instances that are no longer there."""
        kept = {self._result(name) for name in names}
        for path in (self.path / RESULTS).iterdir():
            if path not in kept:
                path.unlink()

    def _result(self, name: str) -> Path:
        return self.path / RESULTS / f"{name}.json"

    def write_table(
        self, name: str, columns: Iterable[str], lines: Iterable[str]
    ) -> None:
        """Write a table of lines of CSV."""
        text = "\n".join((",".join(columns), *lines, ""))
        write_table_text(self.path / name, text)

    def write_parquet(self, content: bytes | None) -> None:
        """Write `summary.parquet`, or remove an old one."""
        path = self.path / "summary.parquet"
        if content is None:
            path.unlink(missing_ok=True)
        else:
            write_bytes(path, content)

    def write_run(self, **details: Any) -> None:
        """Write `run.json`."""
        data = {"format": "sharematch-run", "version": documents.VERSION, **details}
        write_text(self.path / "run.json", documents.json_text(data))


def _entry(line: str) -> Entry | None:
    """Return what a line says is done; None for any other line, or half of one."""
    try:
        data = json.loads(line)
        if data.pop("event") != "done":
            return None
        del data["time"]
        return Entry(**data)
    except (ValueError, TypeError, LookupError, AttributeError):
        return None


def _locked(path: Path) -> int:
    """Return a file opened for adding that no other process has locked."""
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND
    log = os.open(path, flags, 0o666)
    try:
        if sys.platform == "win32":
            os.lseek(log, 1 << 40, os.SEEK_SET)
            msvcrt.locking(log, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(log, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(log)
        message = Text("batch.another_run_is_at_work_in")
        hint = Text("batch.wait_for_it_or_name_another")
        raise InputError([Problem(message, str(path.parent), hint=hint)]) from None
    return log
