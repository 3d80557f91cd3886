"""Figures of plans, on axes of matplotlib: ``pip install 'sharematch[plot]'``.

Each function draws on the axes it is given, or makes a figure of its own, and returns
the axes. pyplot is not touched: no window, no current figure, nothing to close.
Records are shown by their names; axes and legends speak the language asked for.
"""

from sharematch.report.plots import fill_rates, frontier, lending_matrix, lorenz_curve

__all__ = [
    "fill_rates",
    "frontier",
    "lending_matrix",
    "lorenz_curve",
]
