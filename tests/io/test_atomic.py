"""Outputs appear whole or not at all, and nothing else remains."""

import os
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import sharematch as sm
from sharematch import io
from sharematch.errors import InputError
from sharematch.io.native import atomic

TOWN = sm.Instance(communities=[sm.Community(id="a")])


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError, MemoryError])
def test_failed_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
):
    path = tmp_path / "r.json"
    atomic.write_text(path, "old")

    def fail(*_: Any) -> None:
        raise error("no space left")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(InputError if error is OSError else error):
        atomic.write_text(path, "new")
    assert path.read_text() == "old"
    assert names(tmp_path) == ["r.json"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
@pytest.mark.parametrize("call", [1, 2, 3])
def test_failed_write_leaves_the_old_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Any, call: int
):
    path = tmp_path / "town"
    io.write_instance(TOWN, path)
    calls = iter([None] * (call - 1) + [error("no")] + [None] * 9)
    rename = Path.rename

    def rename_or_fail(self: Path, target: Path) -> Path:
        if problem := next(calls):
            raise problem
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", rename_or_fail)
    if call < 3:
        with pytest.raises((InputError, KeyboardInterrupt)):
            io.write_instance(TOWN.replace(name="new"), path)
    else:
        io.write_instance(TOWN, path)
    monkeypatch.undo()
    assert io.read_instance(path) == TOWN
    assert names(tmp_path) == ["town"]


def test_kill_in_the_middle_leaves_no_half_file(tmp_path: Path):
    code = (
        "from sharematch.io.native.atomic import write_text\n"
        "import sys\n"
        "while True: write_text(sys.argv[1], 'x' * 5_000_000)\n"
    )
    path = tmp_path / "r.json"
    process = subprocess.Popen([sys.executable, "-c", code, str(path)])
    try:
        while not path.exists():
            time.sleep(0.01)
        time.sleep(0.1)
    finally:
        process.kill()
        process.wait()
    assert path.stat().st_size == 5_000_000


def test_permissions_and_links_stay(tmp_path: Path):
    path = tmp_path / "r.json"
    atomic.write_text(path, "old")
    path.chmod(0o640)
    link = tmp_path / "link.json"
    link.symlink_to(path)
    atomic.write_text(link, "new")
    assert link.is_symlink()
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_line_ends_and_characters_are_written_as_given(tmp_path: Path):
    atomic.write_text(tmp_path / "t", "a\r\n联\n")
    assert (tmp_path / "t").read_bytes() == "a\r\n联\n".encode()


@pytest.mark.skipif(not Path("/dev/null").exists(), reason="no devices")
def test_devices_are_written_to_not_replaced():
    atomic.write_text("/dev/null", "x")
    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("folder", "is a folder"),
        ("no/such/r.json", "No such file"),
        ("file/r.json", "Not a directory"),
        ("x" * 300, "too long"),
        ("a\0b", "null"),
    ],
)
def test_bad_path(tmp_path: Path, name: str, message: str):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match=message):
        atomic.write_text(tmp_path / name, "x")
    assert names(tmp_path) == ["file", "folder"]


def test_folder_over_a_file(tmp_path: Path):
    (tmp_path / "town").write_text("mine")
    with pytest.raises(InputError, match="town"):
        io.write_instance(TOWN, tmp_path / "town")
    assert (tmp_path / "town").read_text() == "mine"
    assert names(tmp_path) == ["town"]


def test_folder_with_other_files_is_kept(tmp_path: Path):
    (tmp_path / "policy.toml").write_text("mine")
    with pytest.raises(InputError, match=r"policy\.toml.*\nMaybe name a new folder"):
        io.write_instance(TOWN, tmp_path)
    assert names(tmp_path) == ["policy.toml"]


def test_folder_of_an_instance_is_replaced(tmp_path: Path):
    path = tmp_path / "town"
    path.mkdir()
    io.write_instance(TOWN, path)
    io.write_instance(sm.Instance(name="new"), path)
    assert names(path) == ["instance.toml"]
    assert names(tmp_path) == ["town"]


def test_unknown_suffix(tmp_path: Path):
    with pytest.raises(InputError, match=r"town\.xml: is of no known type"):
        io.write_instance(TOWN, tmp_path / "town.xml")
    with pytest.raises(InputError, match=r"Maybe name it p\.json or p\.toml"):
        io.write_policy(sm.Policy.fair(), tmp_path / "p")


def test_value_that_fits_no_cell_leaves_nothing(tmp_path: Path):
    town = sm.Instance(communities=[sm.Community(id="a", tags={"x;y"})])
    with pytest.raises(InputError, match=r'community "a": tags .*x;y.*\n.*\.json'):
        io.write_instance(town, tmp_path / "town")
    assert names(tmp_path) == []
