"""Commands as tests run them."""

import json
import subprocess
import sys
from typing import Any


class Run:
    """What a command printed and how it ended."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def document(self) -> Any:
        return json.loads(self.out)


def shell(*arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sharematch", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        **options,
    )
