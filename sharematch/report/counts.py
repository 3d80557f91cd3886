"""Counts of residents' units, what sums to what, and which are too small to show.

A count from 1 to below the limit could point at single people: it is hidden, and with
it as many others as keep it from being computed out of all that is shown around it
(complementary cell suppression; Willenborg & de Waal, Elements of Statistical
Disclosure Control, 2001, chapter 8). What can be computed is told exactly, by
`sharematch.report.ranges`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sharematch.report.ranges import Key, Line, Page

__all__ = ["Counts", "hidden"]


@dataclass
class Counts:
    """Counts by key; `sums` are totals with their parts, `out` what is not shown.

    `implied` are on no page, but follow where what they are left from is shown.
    `public` may be as small as they are: places, and what is left of them.
    """

    values: dict[Key, int] = field(default_factory=dict)
    sums: list[Line] = field(default_factory=list)
    out: frozenset[Key] = frozenset()
    limits: list[Mapping[Key, int]] = field(default_factory=list)
    """Sums with factors that are the same whatever the counts are."""
    implied: set[Key] = field(default_factory=set)
    public: set[Key] = field(default_factory=set)

    def add(self, total: Key, parts: Iterable[Key]) -> None:
        """Remember that a total is the sum of parts."""
        self.sums.append((total, *parts))

    def put_public(self, key: Key, value: int, *, is_implied: bool = False) -> None:
        """Count what may be as small as it is."""
        self.values[key] = value
        self.public.add(key)
        if is_implied:
            self.implied.add(key)

    def cap(self, count: Key, most: Key) -> None:
        """Remember that a count is at most another one, if it is."""
        slack = self.values[most] - self.values[count]
        if slack >= 0:
            free = ("left of", *most, *count)
            self.put_public(free, slack, is_implied=True)
            self.add(most, [count, free])

    def limit(self, factors: Mapping[Key, int], slack: int) -> None:
        """Remember that a sum with factors is at most a number that everybody knows.

        `slack` is how much less it is; below 0, it is no limit.
        """
        if slack >= 0:
            free = "left of limit", str(len(self.limits))
            self.put_public(free, slack, is_implied=True)
            self.limits.append({**factors, free: 1})

    def hide(self, below: int) -> None:
        """Hide counts from 1 to below this, and what would give them away."""
        self.out = hidden(
            self.values,
            self.sums,
            below,
            limits=self.limits,
            implied=self.implied,
            public=self.public,
        )

    def shown(self, *key: str) -> int | None:
        """Return a count, 0 where there is none, None where it is hidden."""
        return None if key in self.out else self.values.get(key, 0)


def hidden(
    values: Mapping[Key, int],
    sums: Sequence[Line],
    below: int,
    *,
    limits: Sequence[Mapping[Key, int]] = (),
    implied: Iterable[Key] = (),
    public: Iterable[Key] = (),
) -> frozenset[Key]:
    """Return the keys of counts that must not be shown.

    Those from 1 to `below` - 1; and others, such that none that is hidden has but one
    value with which all sums hold. Zeros are always shown, so whoever reads the page
    knows of each hidden count that it is 1 at least; of implied ones, that they are
    not negative.

    Examples
    --------
    >>> values = {("all",): 12, ("a",): 2, ("b",): 10}
    >>> sorted(hidden(values, [(("all",), ("a",), ("b",))], 5))
    [('a',), ('b',)]
    """
    unseen, harmless = frozenset(implied), frozenset(public)
    small = {k for k, value in values.items() if 0 < value < below} - harmless
    if not small:
        return frozenset()
    page = Page(values, sums, limits, implied=unseen, public=harmless)
    page.hide(small - unseen)
    page.close(small)
    while True:
        if given_away := (fixed := page.fixed()) & small:
            has_more = page.hide_more(given_away)
        elif narrow := page.narrow((page.out | small) - fixed):
            has_more = page.widen(narrow)
        else:
            has_more = False
        if not has_more:
            # What follows from the page all the same, and may, is shown.
            return frozenset(page.out - fixed)
