"""Older adults and drop-in programmes in Toronto: one week, 140 neighborhoods.

`city` reads the City's tables and makes requests of assumptions, `study` solves and
compares, `figures` draws; ``python -m benchmarks.toronto DATA`` does all.
"""

LICENSE = (
    "Contains information licensed under the Open Government Licence – Toronto.\n"
    "Census counts: Statistics Canada, 2016 Census. Endorsed by neither."
)
