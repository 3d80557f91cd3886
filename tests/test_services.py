"""Services that tests need: what cannot be had stops nothing and is said."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import services

SHOW = "import os, sys; sys.exit(3 if os.environ.get('KETTLE') == 'hot' else 4)"


@contextmanager
def hot() -> Iterator[str]:
    yield "hot"


@contextmanager
def missing() -> Iterator[str]:
    services.run(sys.executable, "-c", "raise SystemExit('no such package')")
    yield "never"


@pytest.mark.parametrize(("service", "code"), [(hot, 3), (missing, 4)])
def test_a_command_runs_with_or_without_a_service(
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    service: object,
    code: int,
):
    monkeypatch.setattr(services, "SERVICES", {"KETTLE": ("kettle", service)})
    assert services.main([sys.executable, "-c", SHOW]) == code
    said = capfd.readouterr().out
    is_missing = service is missing
    assert ("no kettle, its tests skip" in said) == is_missing
    assert ("no such package" in said) == is_missing


def test_what_is_there_already_is_used(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(services, "SERVICES", {"KETTLE": ("kettle", missing)})
    monkeypatch.setenv("KETTLE", "hot")
    assert services.main([sys.executable, "-c", SHOW]) == 3


def test_a_download_is_kept_whole_or_not_at_all(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setattr(services, "HOME", tmp_path / "services")

    def half(folder: Path) -> None:
        (folder / "whole").mkdir()
        raise OSError("interrupted")

    def whole(folder: Path) -> None:
        (folder / "whole").mkdir()
        (folder / "whole" / "lid").touch()

    with pytest.raises(OSError, match="interrupted"):
        services.kept("kettle", half)
    assert list((tmp_path / "services").iterdir()) == []
    assert (services.kept("kettle", whole) / "lid").exists()
    assert (services.kept("kettle", half) / "lid").exists()  # not fetched again
