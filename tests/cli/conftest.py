"""A small town, and what runs commands."""

import signal
from pathlib import Path

import pytest

import sharematch as sm
from sharematch import io
from sharematch.cli import main
from tests.cli.commands import Run


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]):
    def run(*arguments: object) -> Run:
        before = signal.getsignal(signal.SIGINT)
        with pytest.raises(SystemExit) as caught:
            main([str(argument) for argument in arguments])
        signal.signal(signal.SIGINT, before)
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return Run(int(caught.value.code or 0), out, err)

    return run


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """A town where one community has all places, and the other need outweighs them."""
    instance = sm.Instance(
        communities=[sm.Community(id="tianfeng"), sm.Community(id="lianqiao")],
        facilities=[sm.Facility(id="station", community="tianfeng")],
        slots=[sm.Slot(id="mon", facility="station", kinds=["health"], capacity=3)],
        needs=[
            sm.Need(id="t", community="tianfeng", kind="health", quantity=4),
            sm.Need(id="l", community="lianqiao", kind="health", quantity=2),
        ],
    )
    path = tmp_path / "town.json"
    io.write_instance(instance, path)
    return path


@pytest.fixture
def impossible(tmp_path: Path) -> Path:
    policy = sm.Policy(
        name="impossible",
        rules=[sm.AtLeast("served", 100)],
        goals=[sm.Maximize("served")],
    )
    path = tmp_path / "impossible.toml"
    io.write_policy(policy, path)
    return path
