"""Write what the consoles and examples of a page print today: after a change in output.

Run `python docs/refresh.py docs/start.md …` and read the difference before you keep it.
"""

import contextlib
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.test_docs import BLOCK, run_console, run_python


def refresh(page: Path) -> None:
    """Replace the stored output of one page."""
    names: dict[str, Any] = {}
    text = page.read_text(encoding="utf-8")
    pieces, last = [], 0
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for block in BLOCK.finditer(text):
            code, whole = block["code"], block[0]
            if block["file"]:
                Path(block["file"]).parent.mkdir(parents=True, exist_ok=True)
                Path(block["file"]).write_text(code.lstrip("\n"), encoding="utf-8")
            elif block["kind"] == "python":
                printed = run_python(code, names)
                if block["printed"] is not None:
                    whole = whole.replace(
                        f"```text\n{block['printed']}```", f"```text\n{printed}```"
                    )
            else:
                whole = whole.replace(code, run_console(code))
            pieces += [text[last : block.start()], whole]
            last = block.end()
    page.write_text("".join([*pieces, text[last:]]), encoding="utf-8")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        refresh(Path(name).resolve())
        os.write(1, f"{name}\n".encode())
