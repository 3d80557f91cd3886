"""What workers are asked to do in tests; they import it from here."""

import os
import signal
import time
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Lock
from typing import Any


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


def die_halfway(x: int) -> bytes:
    """Answer with so much that it takes two writes, and die after the first."""

    def send_half(line: Any, message: bytes) -> None:
        os.write(line.fileno(), message[: len(message) // 2])
        os.kill(os.getpid(), signal.SIGKILL)

    Connection._send = send_half  # type: ignore[attr-defined]
    return bytes(x)


def raise_what_cannot_travel(_: int) -> None:
    error = ValueError("no such week")
    error.lock = Lock()  # type: ignore[attr-defined]
    raise error


def return_what_cannot_travel(_: int) -> Any:
    return Lock()
