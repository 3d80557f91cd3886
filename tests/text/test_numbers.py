"""Figures as people read them."""

from fractions import Fraction

import pytest

from sharematch.text import length, percent, total_length


@pytest.mark.parametrize(
    ("share", "places", "text"),
    [
        (Fraction(0), 0, "0%"),
        (Fraction(723, 1000), 0, "72%"),
        (Fraction(723, 1000), 1, "72.3%"),
        (Fraction(-1, 8), 2, "-12.50%"),
        (1.5, 0, "150%"),
    ],
)
def test_a_share_stands_close_to_its_sign(share: Fraction, places: int, text: str):
    assert percent(share, places) == text


@pytest.mark.parametrize(
    ("value", "unit", "english", "chinese"),
    [
        (999, "km", "999 m", "999 米"),
        (1000, "km", "1.0 km", "1.0 公里"),
        (1_234_567, "km", "1,234.6 km", "1,234.6 公里"),
        (0, "min", "0 minutes", "0 分钟"),
        (60, "min", "1 minute", "1 分钟"),
        (60_001, "min", "1,001 minutes", "1,001 分钟"),
    ],
)
def test_a_way_is_rounded(value: int, unit: str, english: str, chinese: str):
    assert (length(value, unit), length(value, unit, "zh")) == (english, chinese)


def test_a_sum_of_ways_is_not():
    assert total_length(1_234_567, "km") == "1,234,567 m"
    assert total_length(1_234_567, "km", "zh", signed=True) == "+1,234,567 米"
    assert total_length(-90_030, "min", signed=True) == "-1,500.5 minutes"
