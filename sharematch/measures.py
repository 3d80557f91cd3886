"""Measures of one's own: how to add one, and what its function is given."""

from sharematch.model.measure import Measure, Pairs
from sharematch.model.own_measures import register_measure

__all__ = ["Measure", "Pairs", "register_measure"]
