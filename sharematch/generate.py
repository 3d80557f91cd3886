"""Seeded synthetic districts, as large and as hard as wanted.

Calibrated on two sources. Toronto: 24% of communities own no facility, 1.3 facilities
per community, slots per facility and population lognormal, with standard deviations of
the logarithm of 1.2 and 0.46. The essay behind the old-town scenario: 20% of residents
over 60, 2% disabled, old quarters poor in facilities. The same arguments give the same
instance.
"""

from sharematch.datasets.generate import SIZES, make, make_instance

__all__ = [
    "SIZES",
    "make",
    "make_instance",
]
