"""Measures of one's own: how to add one, and what its function is given."""

from sharematch.model.measure import Measure, Pairs
from sharematch.model.own_measures import Coefficients, register_measure

__all__ = ["Coefficients", "Measure", "Pairs", "register_measure"]
