"""Which row of which table each record came from."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sharematch.errors import Problem
from sharematch.model.cells import Header
from sharematch.model.problems import identity_of
from sharematch.model.records import COLLECTIONS
from sharematch.text import Text

__all__ = ["RowIndex"]


class RowIndex:
    """Turns rows into fields of records and remembers where they stood.

    `sources` names the table of each collection; `problems` lists what is wrong with
    the rows themselves.
    """

    def __init__(self, sources: Mapping[str, str]) -> None:
        self.sources = sources
        self.problems: list[Problem] = []
        self._rows: dict[tuple[str, str], list[str]] = {}
        self._numbers: dict[str, list[str]] = {}

    def read(
        self,
        collection: str,
        header: Header,
        rows: Iterable[tuple[int, Sequence[Any]]],
    ) -> Iterator[dict[str, Any]]:
        """Yield the fields of each row that has an id."""
        source = self.sources[collection]
        for number, cells in rows:
            fields, problems = header.fields(
                cells, Text("place.row_table", table=source, row=number)
            )
            self.problems += problems
            if fields is None:
                continue
            self._numbers.setdefault(collection, []).append(str(number))
            names = [identity_of(fields)]
            if collection == "past":  # called so where one stands there twice
                key = "community" if "community" in fields else "person"
                names.append(f"{key} → {fields.get(key)}")
            for name in names:
                self._rows.setdefault((collection, name), []).append(str(number))
            yield fields

    def locate(self, problem: Problem) -> str:
        """Return table and rows of a problem's record; "" if it stands in no table."""
        collection = _COLLECTION_OF.get(problem.record, "")
        if collection not in self.sources:
            return ""
        rows = self._rows.get((collection, problem.id), [])
        number = problem.id.removeprefix("number ")
        if not rows and number.isdecimal() and number != problem.id:
            rows = self._numbers[collection][int(number) - 1 : int(number)]
        name = self.sources[collection]
        return f"{name} row{'s' * (len(rows) > 1)} {', '.join(rows)}" if rows else name


_COLLECTION_OF = {cls.label(): name for name, cls in COLLECTIONS.items()}
