"""What a file of another standard could not carry, and what had to be assumed."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple
from unicodedata import category

from sharematch.errors import InputError
from sharematch.model.canonical import record_data
from sharematch.model.instance import Instance
from sharematch.model.records import COLLECTIONS

__all__ = ["Ledger", "Note", "Reading", "in_one_line", "instance_of", "plain_kind"]

_UNFIT = ("Cc", "Cs", "Zl", "Zp")
"""Categories of characters that no name may have."""


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that was not carried over, or was assumed where the source is silent.

    `record` and `field` are the words of the side that has the thing; `count` says how
    often it happened, `example` names the first record it happened to.

    Examples
    --------
    >>> Note("lost", "slot", "note", 3, "hall", "free text").count
    3
    """

    code: Literal["lost", "assumed"]
    record: str
    field: str
    count: int
    example: str
    detail: str = ""

    def __str__(self) -> str:
        what = f"{self.record} {self.field}".strip()
        detail = f": {self.detail}" if self.detail else ""
        others = f" and {self.count - 1:,} more" if self.count > 1 else ""
        return f'{self.code} {what}{detail} ("{self.example}"{others})'


class Reading(NamedTuple):
    """An instance read from another standard, and what the reader has to say.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> sm.io.Reading(town, ()).notes
    ()
    """

    instance: Instance
    notes: tuple[Note, ...]


def instance_of(fields: Mapping[str, Any], source: object) -> Instance:
    """Return the instance of some fields; what is wrong names its source.

    Raises
    ------
    InputError
        With everything that is wrong.
    """
    try:
        return Instance(**fields)
    except InputError as error:
        problems = [
            replace(problem, source=problem.source or str(source))
            for problem in error.problems
        ]
        raise InputError(problems) from None


def in_one_line(text: str) -> str:
    """Return a name from elsewhere without the characters that none may have here."""
    return "".join(" " if category(c) in _UNFIT else c for c in text)


def plain_kind(text: str) -> str:
    """Return a label from elsewhere as a kind, empty if nothing of it can be one."""
    parts = re.sub(r"[;\s]+", " ", in_one_line(text)).split("/")
    return "/".join(filter(None, map(str.strip, parts)))


class Ledger:
    """Collects notes while a file is read or written."""

    def __init__(self) -> None:
        self._found: dict[tuple[Any, ...], tuple[int, str]] = {}

    @property
    def notes(self) -> tuple[Note, ...]:
        """All notes, in the order in which they first came up."""
        return tuple(
            Note(code, record, field, count, example, detail)
            for (code, record, field, detail), (count, example) in self._found.items()
        )

    def lost(self, record: str, field: str, example: object, detail: str = "") -> None:
        """Note what is not carried over."""
        self._note(("lost", record, field, detail), example)

    def assumed(
        self, record: str, field: str, example: object, detail: str = ""
    ) -> None:
        """Note what was assumed."""
        self._note(("assumed", record, field, detail), example)

    def _note(self, key: tuple[str, ...], example: object) -> None:
        count, first = self._found.get(key, (0, str(example)[:60]))
        self._found[key] = (count + 1, first)

    def lost_rest(
        self,
        record: str,
        example: object,
        row: Mapping[str, Any],
        known: Collection[str],
    ) -> None:
        """Note each field with a value that is not among the `known` ones."""
        for name, value in row.items():
            if name not in known and value not in (None, "", [], {}):
                self.lost(record, str(name)[:60], example)

    def lost_records(
        self, instance: Instance, carried: Mapping[str, Collection[str]]
    ) -> None:
        """Note what a writer leaves out of an instance.

        Parameters
        ----------
        carried
            The fields that are carried, by collection; the others are not.
        """
        for field in ("name", "currency", "travel"):
            default = Instance.model_fields[field].default
            if field not in carried and getattr(instance, field) != default:
                self.lost("instance", field, getattr(instance, field))
        for collection, record in COLLECTIONS.items():
            known = set(carried.get(collection, ()))
            for item in getattr(instance, collection):
                row = record_data(item)
                name = row.get("id") or row.get("need") or row.get("source") or "-"
                if known:
                    self.lost_rest(record.label(), name, row, known)
                else:
                    self.lost(record.label(), "", name)
