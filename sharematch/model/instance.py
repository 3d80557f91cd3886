"""An instance: all records of one allocation round, checked against each other."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import (
    PrivateAttr,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from sharematch.errors import InputError, Problem
from sharematch.model.base import Record, fast_init, fill
from sharematch.model.checked import PLAIN_FIELDS, checked_fields, checked_frames
from sharematch.model.checks import Check
from sharematch.model.frames import Frame, Frames, Raw
from sharematch.model.garbage import without_collection
from sharematch.model.needs import Decision, Need, Pair, Past
from sharematch.model.places import Area, Community, Facility, Provider, Slot
from sharematch.model.reading import frame_of
from sharematch.model.records import COLLECTIONS
from sharematch.model.ways import Link, Travel

__all__ = ["Instance"]

_STRAIGHT = Travel()


class Instance(Record):
    """All records of one allocation round.

    Collections may be given as any iterable of records (or of mappings with their
    fields) and are kept as tuples, in the order given. Results never depend on it.

    An instance is a value: whether it was made of records, tables or files, and
    whatever was asked of it before, it is equal to its copies, written alike and
    solved alike. Copies with changes (`replace`, `model_copy`, `copy.replace`) are
    checked; `model_construct` is the constructor.

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
    name: str = ""
    travel: Travel = _STRAIGHT
    currency: str = ""

    _frames: Frames = PrivateAttr()

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
        travel: Travel | Mapping[str, object] = _STRAIGHT,
        currency: str = "",
        **unknown: Any,
    ) -> None:
        fields = {
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
            "name": name,
            "travel": travel,
            "currency": currency,
        }
        given = _said(fields) | unknown
        self._hold(checked_frames(given), given)

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
        travel: Travel | Mapping[str, object] = _STRAIGHT,
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
        plain_fields = _said({"name": name, "travel": travel, "currency": currency})
        with without_collection():
            tables = {
                key: dataframes.columns_of(value, key)
                for key, value in given.items()
                if value is not None
            }
            made = cls.from_columns(tables, plain_fields, cells=True)
        return dataframes.read_rows(cls, tables, plain_fields) if made is None else made

    @classmethod
    def from_columns(
        cls,
        tables: Mapping[str, Mapping[str, Raw]],
        plain_fields: Mapping[str, Any],
        *,
        cells: bool,
    ) -> "Instance | None":
        """Return an instance from columns of values, None if anything may be wrong.

        Parameters
        ----------
        tables
            Columns by name, of each collection; all of a collection equally long.
        plain_fields
            The fields that are no collection.
        cells
            Whether text is read as in CSV files, or values are as in JSON.
        """
        if plain_fields.keys() - {*PLAIN_FIELDS}:
            return None
        problems: list[Problem] = []
        checked = checked_fields(plain_fields, problems)
        frames: dict[str, Frame] = {}
        for name, columns in tables.items():
            counts = {len(field.code) for field in columns.values()}
            if len(counts) > 1:
                return None
            if counts:
                record = COLLECTIONS[name]
                frame = frame_of(record, columns, counts.pop(), cells=cells)
                if frame is None:
                    return None
                frames[name] = frame
        made = Frames(frames, **checked)
        if problems or any(Check(made, {}, made.travel).problems()):
            return None
        return cls._of(made, {*tables, *plain_fields})

    @classmethod
    def _of(cls, frames: Frames, given: Iterable[str]) -> Self:
        made = cls.__new__(cls)
        made._hold(frames, given)  # noqa: SLF001 (its own)
        return made

    def _hold(self, frames: Frames, given: Iterable[str]) -> None:
        """Hold frames, which are checked; `given` names the fields that were said."""
        other_fields = {name: getattr(frames, name) for name in PLAIN_FIELDS}
        fill(self, other_fields, set(given), {"_frames": frames})

    @property
    def frames(self) -> Frames:
        """All records as columns; they never change, and copies share them."""
        return self._frames

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            if name not in COLLECTIONS:
                return super().__getattr__(name)
            records = self.__dict__[name] = self._frames[name].records
            return records

    def __iter__(self) -> Iterator[tuple[str, Any]]:  # type: ignore[override]
        return ((name, getattr(self, name)) for name in type(self).model_fields)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Instance):
            return NotImplemented
        return self._frames is other._frames or all(
            mine == their for mine, their in zip(self, other, strict=True)
        )

    def __hash__(self) -> int:
        return hash(tuple(value for _, value in self))

    def __copy__(self) -> Self:
        return self._of(self._frames, self.model_fields_set)

    def __deepcopy__(self, memo: object = None) -> Self:
        return self.__copy__()

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpickled, (type(self), self._frames, self.model_fields_set)

    @model_validator(mode="wrap")
    @classmethod
    def _validated(cls, data: object, _: object) -> Self:
        if isinstance(data, cls):
            return data
        if not isinstance(data, Mapping):
            raise InputError("instance.an_instance_must_be_a_mapping")
        return cls._of(checked_frames(data), data)

    # Without a type of what it returns: the schema of what is written is the fields'.
    @model_serializer(mode="wrap")
    def _serialized(self, write: SerializerFunctionWrapHandler):  # type: ignore[no-untyped-def]
        # Written is all that `vars` holds, so in a copy that holds all fields in order.
        return write(self.made_of(dict(self), self.model_fields_set))

    def __repr__(self) -> str:
        sizes = {name: self._count(name) for name in COLLECTIONS}
        counts = ", ".join(f"{size} {name}" for name, size in sizes.items() if size)
        name = f"{self.name!r}: " if self.name else ""
        return f"<Instance {name}{counts or 'empty'}>"

    __str__ = __repr__

    def _count(self, name: str) -> int:
        return self._frames[name].count

    def replace(self, **changes: Any) -> Self:
        """Return a copy with some fields changed, checked anew.

        Raises
        ------
        InputError
            With everything that is wrong.

        Examples
        --------
        >>> import sharematch as sm
        >>> sm.Instance(name="a").replace(name="b").name
        'b'
        """
        frames = checked_frames(changes, self._frames)
        return self._of(frames, self.model_fields_set | changes.keys())

    def model_copy(
        self,
        *,
        update: Mapping[str, Any] | None = None,
        deep: bool = False,  # noqa: ARG002 (nothing in an instance ever changes)
    ) -> Self:
        """Return a copy with some fields changed, checked anew: `replace`.

        Raises
        ------
        InputError
            With everything that is wrong.
        """
        return self.replace(**update) if update else self.__copy__()


def _said(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments that are not the default itself."""
    about = Instance.model_fields
    return {k: v for k, v in fields.items() if v is not about[k].default}


def _unpickled(cls: type[Instance], frames: Frames, given: set[str]) -> Instance:
    return cls._of(frames, given)
