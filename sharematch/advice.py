"""Where to invest: what more places, hours, access or reach would bring.

Read off the residual graph of an optimal plan where that tells all, else solved anew.
"""

from sharematch.analysis.advice.advising import advise
from sharematch.analysis.advice.values import Advice, Option, Purchase, Rates, Step

__all__ = ["Advice", "Option", "Purchase", "Rates", "Step", "advise"]
