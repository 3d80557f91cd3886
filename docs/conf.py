"""How the documentation is built: `make docs`."""

import sys
from importlib.metadata import version as installed
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

HERE = Path(__file__).parent

project = "sharematch"
author = "the sharematch authors"
copyright = "2026, the sharematch authors"  # noqa: A001 (Sphinx's name)
release = version = installed("sharematch")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.mathjax",
    "numpydoc",
]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]

html_theme = "furo"
html_title = f"sharematch {release}"
html_static_path = ["_static"]
html_css_files = ["console.css", "gallery.css", "print.css"]

myst_enable_extensions = ["attrs_block", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autosummary_generate = False  # numpydoc would look for pages of another format
numpydoc_show_class_members = False


def setup(app: "Sphinx") -> None:
    """Write what is generated before the pages are read."""
    app.connect("builder-inited", lambda _: write_all())
    app.connect("autodoc-skip-member", is_left_out)


def is_left_out(
    _app: "Sphinx", _what: str, _name: str, member: object, *_: object
) -> bool | None:
    """Leave out fields of named tuples: parameters of the class say what they are."""
    return True if type(member).__name__ == "_tuplegetter" else None


def write_all() -> None:
    """Draw the pictures and write the pages that are generated."""
    sys.path[:0] = [str(HERE), str(HERE.parent)]
    import figures
    import generated

    figures.write(list(generated.questions()))
    generated.write(HERE)
