"""Makes the pictures of the old town in `docs/images`: `python docs/pictures.py`.

Needs the extra dev and a chromium. What they show is `sharematch register` and
`sharematch demo --report`.
"""

import io
import shutil
from html import escape
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

import sharematch as sm
from sharematch.register import register
from sharematch.report import html_report

IMAGES = Path(__file__).parent / "images"
COLORS = 64
TERMINAL = """<body style="margin:0;background:#14181d;color:#e8eaed;padding:24px">
<pre style="font:14px/1.45 'DejaVu Sans Mono',monospace;margin:0">{}</pre>"""


def picture(
    browser: Browser, name: str, page: str, height: int, **options: Any
) -> None:
    """Write the top of a page as a small PNG."""
    context = browser.new_context(
        viewport={"width": options.pop("width", 1280), "height": height}, **options
    )
    here = context.new_page()
    here.set_content(page)
    image = Image.open(io.BytesIO(here.screenshot())).convert("RGB")
    image.quantize(COLORS, dither=Image.Dither.NONE).save(
        IMAGES / f"{name}.png", optimize=True
    )
    context.close()


def main() -> None:
    """Make all pictures."""
    town = sm.scenario.old_town()
    result = sm.solve(town)
    listed = TERMINAL.format(
        escape(f"$ sharematch register old_town\n\n{register(town)}")
    )
    english, chinese = (html_report(town, result, lang=lang) for lang in ("en", "zh"))
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as driver:
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = driver.chromium.launch(
            executable_path=chromium, args=["--no-sandbox"]
        )
        picture(browser, "register", listed, 1290, width=1120)
        picture(browser, "report", english, 1900)
        picture(browser, "report-dark-zh", chinese, 1900, color_scheme="dark")
        picture(browser, "report-phone", english, 1600, width=375)
        browser.close()


if __name__ == "__main__":
    main()
