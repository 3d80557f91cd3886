"""Labels: what people are shown for a record, its name where it has one.

Names need not differ: where two of a type are alike, the id stands behind the name.
They also know what lengths and money are counted in, which no policy says.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from sharematch.core.columns.arrays import Columns
from sharematch.text import total_length_said

__all__ = ["Label", "as_ids", "labels"]

Label = Callable[[str, str], str]
"""What people are shown, by type and id."""


def as_ids(kind: str, id_: str) -> str:  # noqa: ARG001 (as Label)
    """Return the id: nothing has a name."""
    return id_


def labels(columns: Columns | None) -> Label:
    """Return what shows records by type and id; ids of none stay as they are.

    Examples
    --------
    >>> import sharematch as sm
    >>> from sharematch.core.columns.encoding import encode
    >>> homes = [("a", "Junmiao"), ("b", "Junmiao"), ("c", "Lianqiao"), ("d", None)]
    >>> town = sm.Instance(communities=[sm.Community(id=i, name=n) for i, n in homes])
    >>> label = labels(encode(town))
    >>> [label("community", id_) for id_, _ in homes]
    ['Junmiao (a)', 'Junmiao (b)', 'Lianqiao', 'd']
    """
    if columns is None:
        return as_ids
    by_kind = {kind: _shown(columns, kind) for kind in columns.names}
    return _Shown(by_kind, columns.unit, columns.currency)


@dataclass(frozen=True)
class _Shown:
    by_kind: Mapping[str, Mapping[str, str]]
    unit: str
    currency: str

    def __call__(self, kind: str, id_: str) -> str:
        return self.by_kind.get(kind, {}).get(id_, id_)

    def amount(self, unit: str, value: Fraction) -> str | None:
        """Return a bound on a measure with its unit; None where it needs none."""
        if unit == "distance":
            return total_length_said(value, self.unit)
        if unit == "money" and self.currency:
            return f"{float(value):,g} {self.currency}"
        return None


def _shown(columns: Columns, kind: str) -> Mapping[str, str]:
    names = columns.names[kind]
    taken = Counter(names.get(id_, id_) for id_ in columns.position[kind])
    return {
        id_: name if taken[name] == 1 else f"{name} ({id_})"
        for id_, name in names.items()
    }
