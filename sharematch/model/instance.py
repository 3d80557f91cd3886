"""An instance: all records of one allocation round, checked against each other."""

import difflib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
from pydantic import (
    BeforeValidator,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from sharematch.errors import InputError, Problem
from sharematch.model.checks import Check
from sharematch.model.crosscheck import agree
from sharematch.model.frames import Field, Frame, Raw, frame_of
from sharematch.model.problems import problems_of
from sharematch.model.records import (
    COLLECTIONS,
    Area,
    Community,
    Decision,
    Facility,
    Link,
    Need,
    Pair,
    Past,
    Provider,
    Record,
    Slot,
    Travel,
    fast_init,
)

__all__ = ["COLLECTIONS", "Instance"]

_BULK = {
    name: TypeAdapter(tuple[cls, ...])  # type: ignore[valid-type]  # known at run time
    for name, cls in COLLECTIONS.items()
}


def _name(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("must be text")
    return value


class Instance(Record):
    """All records of one allocation round.

    Collections may be given as any iterable of records (or of mappings with their
    fields) and are kept as tuples, in the order given. Results never depend on it.

    Raises
    ------
    InputError
        With everything that is wrong: fields of records, ids that do not exist or
        stand twice, times with and without a zone, levels that do not stack.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.Instance(
    ...     communities=[sm.Community(id="tianfeng")],
    ...     facilities=[sm.Facility(id="station", community="tianfeng")],
    ...     slots=[sm.Slot(id="mon", facility="station", kinds=["health"], capacity=3)],
    ...     needs=[sm.Need(id="elderly", community="tianfeng", kind="health")],
    ... )
    >>> len(town.slots), town.slots[0].capacity
    (1, 3)
    """

    _label: ClassVar[str] = "instance"

    areas: tuple[Area, ...] = ()
    communities: tuple[Community, ...] = ()
    providers: tuple[Provider, ...] = ()
    facilities: tuple[Facility, ...] = ()
    slots: tuple[Slot, ...] = ()
    needs: tuple[Need, ...] = ()
    pairs: tuple[Pair, ...] = ()
    links: tuple[Link, ...] = ()
    past: tuple[Past, ...] = ()
    decisions: tuple[Decision, ...] = ()
    name: Annotated[str, BeforeValidator(_name)] = ""
    travel: Travel = Travel()
    currency: Annotated[str, BeforeValidator(_name)] = ""

    @fast_init
    def __init__(
        self,
        /,
        *,
        areas: Iterable[Area] = (),
        communities: Iterable[Community] = (),
        providers: Iterable[Provider] = (),
        facilities: Iterable[Facility] = (),
        slots: Iterable[Slot] = (),
        needs: Iterable[Need] = (),
        pairs: Iterable[Pair] = (),
        links: Iterable[Link] = (),
        past: Iterable[Past] = (),
        decisions: Iterable[Decision] = (),
        name: str = "",
        travel: Travel | Mapping[str, object] = Travel(),  # noqa: B008 (frozen)
        currency: str = "",
        **unknown: Any,
    ) -> None:
        super().__init__(
            areas=areas,
            communities=communities,
            providers=providers,
            facilities=facilities,
            slots=slots,
            needs=needs,
            pairs=pairs,
            links=links,
            past=past,
            decisions=decisions,
            name=name,
            travel=travel,
            currency=currency,
            **unknown,
        )

    @classmethod
    def from_tables(
        cls,
        *,
        areas: object = None,
        communities: object = None,
        providers: object = None,
        facilities: object = None,
        slots: object = None,
        needs: object = None,
        pairs: object = None,
        links: object = None,
        past: object = None,
        decisions: object = None,
        name: str = "",
        travel: Travel | Mapping[str, object] = Travel(),  # noqa: B008 (frozen)
        currency: str = "",
    ) -> "Instance":
        """Return an instance from dataframes or dicts of arrays, without row objects.

        Parameters
        ----------
        areas, communities, providers, facilities, slots, needs, pairs, links, past, \
        decisions
            One row for each record: a dataframe of pandas, polars, pyarrow or any
            other that narwhals reads, or a mapping of columns. Columns are named as
            fields, locations are two columns ``x``, ``y`` or ``lon``, ``lat``. Cells
            are values, lists, or text as in CSV files: sets separated by ``;``,
            windows ``start/end``. A null, NaN or empty text means the default.

        Returns
        -------
        The same instance as from records of the same content: equal hash, equal
        results. Records are made when they are first asked for.

        Raises
        ------
        InputError
            With everything that is wrong, as from records; each problem names the
            row, counted from 1, too.

        Examples
        --------
        >>> import sharematch as sm
        >>> town = sm.Instance.from_tables(
        ...     communities={"id": ["tianfeng", "lianqiao"], "tags": ["old", None]},
        ...     facilities={"id": ["station"], "community": ["tianfeng"]},
        ...     slots={
        ...         "id": ["mon"],
        ...         "facility": ["station"],
        ...         "kinds": ["health/check;health/care"],
        ...         "capacity": [3],
        ...     },
        ... )
        >>> sorted(town.slots[0].kinds)
        ['health/care', 'health/check']
        """
        from sharematch.model import dataframes  # noqa: PLC0415 (narwhals, if asked)

        given = {
            "areas": areas,
            "communities": communities,
            "providers": providers,
            "facilities": facilities,
            "slots": slots,
            "needs": needs,
            "pairs": pairs,
            "links": links,
            "past": past,
            "decisions": decisions,
        }
        rest = {"name": name, "travel": travel, "currency": currency}
        tables = {
            key: dataframes.columns_of(value, key)
            for key, value in given.items()
            if value is not None
        }
        made = cls.from_columns(tables, rest, cells=True)
        return dataframes.read_rows(cls, tables, rest) if made is None else made

    @classmethod
    def from_columns(
        cls,
        tables: Mapping[str, Mapping[str, Raw]],
        rest: Mapping[str, Any],
        *,
        cells: bool,
    ) -> "Instance | None":
        """Return an instance from columns of values, None if anything may be wrong.

        Parameters
        ----------
        tables
            Columns by name, of each collection; all of a collection equally long.
        rest
            The fields that are no collection.
        cells
            Whether text is read as in CSV files, or values are as in JSON.
        """
        if rest.keys() - {"name", "travel", "currency"}:
            return None
        if any(_field_problems(field, value) for field, value in rest.items()):
            return None
        travel = Travel.model_validate(rest.get("travel", Travel()))
        frames = _frames(tables, travel, cells=cells)
        if frames is None:
            return None
        made = cls.__new__(cls)
        fields = {"name": "", "currency": "", **rest, "travel": travel}
        object.__setattr__(made, "__dict__", {**fields, "_frames": frames})
        object.__setattr__(made, "__pydantic_fields_set__", set(cls.model_fields))
        object.__setattr__(made, "__pydantic_extra__", None)
        object.__setattr__(made, "__pydantic_private__", None)
        return made

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            frames = self.__dict__.get("_frames")
            if frames is None or name not in COLLECTIONS:
                return super().__getattr__(name)
            records = self.__dict__[name] = frames[name].make()
            return records

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Instance):
            return NotImplemented
        return all(
            getattr(self, name) == getattr(other, name)
            for name in type(self).model_fields
        )

    __hash__ = Record.__hash__

    @model_validator(mode="before")
    @classmethod
    def _records(cls, data: object) -> object:
        """Make the records and check them against each other, all errors at once."""
        if not isinstance(data, Mapping):
            raise InputError("an instance must be a mapping of its fields")
        fields = dict(data)
        problems: list[Problem] = []
        bad_ids: dict[str, set[str]] = {name: set() for name in COLLECTIONS}
        for collection in COLLECTIONS:
            fields[collection] = _make(
                collection, fields.get(collection, ()), problems, bad_ids[collection]
            )
        for field in ("name", "currency", "travel"):
            if field in fields:
                problems += _field_problems(field, fields[field])
        problems += [
            Problem(
                "is not a known field",
                "instance",
                field=str(field),
                hint="".join(
                    f"{near}?"
                    for near in difflib.get_close_matches(
                        str(field), cls.model_fields, 1
                    )
                ),
            )
            for field in fields
            if field not in cls.model_fields
        ]
        travel = fields.get("travel", Travel())
        problems += Check(fields, bad_ids, travel).problems()
        if problems:
            raise InputError(problems)
        return fields

    def __repr__(self) -> str:
        sizes = {name: self._count(name) for name in COLLECTIONS}
        counts = ", ".join(f"{size} {name}" for name, size in sizes.items() if size)
        name = f"{self.name!r}: " if self.name else ""
        return f"<Instance {name}{counts or 'empty'}>"

    __str__ = __repr__

    def _count(self, name: str) -> int:
        frames = self.__dict__.get("_frames")
        return len(getattr(self, name)) if frames is None else int(frames[name].count)

    def replace(self, **changes: Any) -> "Instance":
        """Return a copy with some fields changed, checked anew.

        Examples
        --------
        >>> import sharematch as sm
        >>> sm.Instance(name="a").replace(name="b").name
        'b'
        """
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self)(**{**fields, **changes})


_SMALL = ("areas", "providers", "past")
"""Collections whose records are always made: few, and checked one by one."""


def _frames(
    tables: Mapping[str, Mapping[str, Raw]], travel: Travel, *, cells: bool
) -> dict[str, Frame] | None:
    """Return the checked frames of all collections, None if anything may be wrong."""
    frames: dict[str, Frame] = {}
    for name, record in COLLECTIONS.items():
        raw = tables.get(name, {})
        counts = {len(field.code) for field in raw.values()}
        if len(counts) > 1:
            return None
        columns = raw or {
            field: Field([], np.zeros(0, np.int64))
            for field, about in record.model_fields.items()
            if about.is_required()
        }
        frame = frame_of(record, columns, max(counts, default=0), cells=cells)
        if frame is None:
            return None
        frames[name] = frame
    problems: list[Problem] = []
    ids = {
        name: set(frame.fields["id"].values)
        for name, frame in frames.items()
        if "id" in frame.fields and name not in _SMALL
    }
    fields: dict[str, Any] = dict.fromkeys(COLLECTIONS, ())
    known: dict[str, set[str]] = {name: set() for name in COLLECTIONS}
    for name in _SMALL:
        rows = [record.__dict__ for record in frames[name].make()]
        fields[name] = _make(name, rows, problems, set())
    check = Check(fields, known | ids, travel)
    problems += check.problems()
    if problems or not agree(frames, check.levels, travel):
        return None
    return frames


def _make(
    collection: str, items: object, problems: list[Problem], bad_ids: set[str]
) -> tuple[Any, ...]:
    """Return the valid records of one collection; note the problems of the others."""
    record = COLLECTIONS[collection]
    if isinstance(items, (str, Mapping)) or not isinstance(items, Iterable):
        problems.append(
            Problem("must be a list of records", "instance", field=collection)
        )
        return ()
    items = tuple(items)
    try:
        return _BULK[collection].validate_python(items)
    except ValidationError:
        pass
    made = []
    for position, item in enumerate(items):
        try:
            made.append(record.model_validate(item))
        except ValidationError as error:
            found = problems_of(error, record, item)
            for problem in found:
                where = problem.id or f"number {position + 1}"
                problems.append(
                    Problem(
                        problem.message,
                        problem.record,
                        where,
                        problem.field,
                        problem.value,
                        problem.hint,
                    )
                )
            if isinstance(item, Mapping) and isinstance(item.get("id"), str):
                bad_ids.add(item["id"])
    return tuple(made)


def _field_problems(field: str, value: object) -> list[Problem]:
    if field == "travel":
        try:
            Travel.model_validate(value)
        except ValidationError as error:
            return problems_of(error, Travel, value)
    elif not isinstance(value, str):
        return [Problem("must be text", "instance", field=field, value=repr(value))]
    return []
