"""Bars of block characters, for terminals."""

from fractions import Fraction

__all__ = ["bar"]

_EIGHTHS = " ▏▎▍▌▋▊▉"


def bar(share: Fraction | float, width: int) -> str:
    """Return a bar as long as a share of so many cells; the rest is a dotted track.

    Examples
    --------
    >>> bar(Fraction(1, 2), 8), bar(Fraction(5, 16), 4), bar(2, 3), bar(0, 3)
    ('████····', '█▎··', '███', '···')
    """
    eighths = round(8 * width * min(max(share, 0), 1))
    whole, part = divmod(eighths, 8)
    return f"{'█' * whole}{_EIGHTHS[part] if part else ''}".ljust(width, "·")
