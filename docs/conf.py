"""How the documentation is built: `make docs`."""

from importlib.metadata import version as installed

project = "sharematch"
author = "the sharematch authors"
copyright = "2026, the sharematch authors"  # noqa: A001 (Sphinx's name)
release = version = installed("sharematch")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "numpydoc",
]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]

html_theme = "furo"
html_title = "sharematch"
html_static_path = ["_static"]
html_css_files = ["print.css"]

myst_enable_extensions = ["attrs_block", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autosummary_generate = True
numpydoc_show_class_members = False
