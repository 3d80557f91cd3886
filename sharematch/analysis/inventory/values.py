"""What a register holds, and how it reads."""

from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sharematch.core.columns.labels import Label, as_ids
from sharematch.text import say
from sharematch.text.tables import Table, Value

__all__ = ["Register"]

MOST_ROWS = 40
"""Of a table in the text."""

_NONE = "register.none"


TABLES = (
    *("supply", "facilities", "owners", "sectors", "terms", "idle", "unserved"),
    "reasons",
)

CODED = ("sector", "about", "term", "reason")
"""Columns of codes, which are told in words."""
RECORDS = {
    **{kind: kind for kind in ("community", "facility", "slot", "need")},
    "owner": "provider",
}
"""Columns of ids, by the type of their records."""


@dataclass(frozen=True)
class Register:
    """What a district has, who owns it, on which terms, and what is missing.

    Attributes
    ----------
    counts
        Records by type, and `places` and `units_asked`.
    supply
        One row for each community and kind it asks for or has places of: units
        `asked`, places of its `own`, the part `missing`, what others `lend` (places
        that its needs may use there, reserves apart), units that `no_slot` can serve,
        and how it `stands`: "enough", "short", "elsewhere" or "nowhere".
    facilities
        One row for each facility: owner, sector, kinds, slots, places, hours, fees,
        how far it is shared at most, features, and places of no use (`idle`).
    owners, sectors
        Providers, and kinds of providers, with what they offer.
    terms
        Slots and places on each term: what they cost residents, how far they are
        shared, what protects them.
    idle
        Slots with places that no need can use, and why: a code of pairs, or "few"
        where fewer units may use the slot than it has places.
    unserved
        Needs that no slot can serve, with the commonest reason.
    reasons
        Units that no slot can serve, by community, kind and reason.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> print(str(sm.register.register(town)).partition(";")[0])
    Register: 2 communities, 3 facilities, 3 slots
    """

    name: str
    currency: str
    counts: dict[str, int]
    supply: Table
    facilities: Table
    owners: Table
    sectors: Table
    terms: Table
    idle: Table
    unserved: Table
    reasons: Table
    label: Label = field(default=as_ids, repr=False, compare=False)
    """What people are shown for a record, by type and id."""

    def matrix(self) -> Table:
        """Return own places of units asked, communities by kinds, as "24 / 118".

        "–" where a community asks for nothing of a kind and has nothing of it.
        """
        kinds = sorted({str(row["kind"]) for row in self.supply})
        rows: dict[Value, dict[str, Value]] = {}
        for row in self.supply:
            community_row = rows.setdefault(
                row["community"],
                {"community": row["community"], **dict.fromkeys(kinds, "–")},
            )
            community_row[str(row["kind"])] = f"{row['own']} / {row['asked']}"
        return Table(rows.values(), ("community", *kinds))

    def to_dict(self) -> dict[str, Any]:
        """Return the register as plain values: hours as "a/b", money as text."""
        return {
            "name": self.name,
            "currency": self.currency,
            "counts": self.counts,
            **{
                name: [
                    {key: _plain(value) for key, value in row.items()}
                    for row in getattr(self, name)
                ]
                for name in TABLES
            },
        }

    def text(self, lang: str = "en") -> str:
        """Return the register in words, "en" or "zh"; single facilities left out."""
        has_owners = self.counts["providers"] > 0
        opening = "register.opening" if has_owners else "register.opening_alone"
        lines = [say(opening, lang, **self.counts)]
        of_owners = ("owners", "sectors") if has_owners else ()
        for name in ("matrix", *of_owners, "terms", "idle", "reasons"):
            table = self.matrix() if name == "matrix" else getattr(self, name)
            lines += ["", say(f"register.{name}", lang)]
            shown = Table(table.rows[:MOST_ROWS], table.columns)
            lines.append(
                str(_worded(shown, lang, self.label)) if table else say(_NONE, lang)
            )
            if more := len(table) - len(shown):
                lines.append(say("register.more", lang, n=more))
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """Return the register for notebooks."""
        parts = ("matrix", "owners", "sectors", "terms", "idle", "reasons")
        tables = [self.matrix() if p == "matrix" else getattr(self, p) for p in parts]
        return "".join(
            f"<h4>{say(f'register.{part}')}</h4>"
            + _worded(table, "en", self.label)._repr_html_()
            for part, table in zip(parts, tables, strict=True)
            if table
        )

    def __repr__(self) -> str:
        return f"<Register of {self.counts['facilities']} facilities>"

    def __str__(self) -> str:
        return self.text()


def _worded(table: Table, lang: str, label: Label) -> Table:
    """Return a table in words: columns, codes and records by their labels."""
    is_idle = "idle" in table.columns

    def cell(row: dict[str, Value], name: str) -> Value:
        value = row[name]
        if isinstance(value, str) and name in RECORDS:
            return label(RECORDS[name], value)
        if not isinstance(value, str) or name not in CODED:
            return value
        if name == "reason":
            return say(f"idle.{value}" if is_idle else f"lacks.{value}", lang)
        is_tier = name == "term" and row["about"] == "sharing"
        return say(f"tier.{value}" if is_tier else f"word.{value}", lang)

    heads = {name: say(f"word.{name}", lang) for name in table.columns}
    rows = ({heads[name]: cell(row, name) for name in heads} for row in table)
    return Table(rows, [*heads.values()])


def _plain(value: Value) -> Any:
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    return str(value) if isinstance(value, Decimal) else value
