"""What workers are asked to do in tests; they import it from here."""

import os
import signal
import time
from pathlib import Path


def double(x: int) -> int:
    return 2 * x


def slow_when_even(x: int) -> int:
    time.sleep(0.05 if x % 2 == 0 else 0)
    return x


def die_if_seven(x: int) -> int:
    if x == 7:
        os.kill(os.getpid(), signal.SIGKILL)
    return x


def die_once(marker: Path) -> str:
    if not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return marker.name


def raise_if_seven(x: int) -> int:
    if x == 7:
        raise OSError("the node is gone")
    return x


def process_id(_: int) -> int:
    return os.getpid()
