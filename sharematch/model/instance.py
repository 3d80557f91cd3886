"""An instance: all records of one allocation round, checked against each other."""

import difflib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
from pydantic import (
    BeforeValidator,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from sharematch.errors import InputError, Problem
from sharematch.model import numbers
from sharematch.model.crosscheck import agree
from sharematch.model.frames import Field, Frame, Raw, frame_of
from sharematch.model.problems import problems_of
from sharematch.model.records import (
    COLLECTIONS,
    REFERENCES,
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
)

__all__ = ["COLLECTIONS", "Instance", "levels_of"]

_BULK = {name: TypeAdapter(tuple[cls, ...]) for name, cls in COLLECTIONS.items()}  # type: ignore[valid-type]


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

    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

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
        problems += _Check(fields, bad_ids, travel).problems()
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
    check = _Check(fields, known | ids, travel)
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


def levels_of(areas: Iterable[Area]) -> list[str]:
    """Return the level names from the lowest up.

    Raises
    ------
    InputError
        When levels do not stack: a level under two others, a circle, two lowest ones.
    """
    by_id = {area.id: area for area in areas}
    above: dict[str, str] = {}
    for area in by_id.values():
        parent = by_id.get(area.parent) if area.parent is not None else None
        if parent is None:
            continue
        if above.setdefault(area.level, parent.level) != parent.level:
            raise InputError(
                [
                    Problem(
                        f"is of level {parent.level}, but other areas of level "
                        f"{area.level} lie in a {above[area.level]}",
                        "area",
                        area.id,
                        "parent",
                        str(area.parent),
                        f"an area of level {above[area.level]}?",
                    )
                ]
            )
    names = {area.level for area in by_id.values()}
    lowest = sorted(names - set(above.values()))
    if not names:
        return []
    if len(lowest) != 1:
        found = ", ".join(lowest) or "none: the levels lie in each other"
        raise InputError(
            [
                Problem(
                    f"one level must be the lowest; found {found}",
                    "area",
                    field="level",
                    hint="give areas of the lower level a parent of the higher one",
                )
            ]
        )
    levels = [lowest[0]]
    while (level := above.get(levels[-1])) is not None and level not in levels:
        levels.append(level)
    if len(levels) < len(names):
        lost = ", ".join(sorted(names - set(levels)))
        raise InputError(
            [
                Problem(
                    f"levels do not stack: {lost} stands apart", "area", field="level"
                )
            ]
        )
    return levels


class _Check:
    """Checks records against each other; `problems` yields what is wrong."""

    def __init__(
        self,
        fields: Mapping[str, Any],
        bad_ids: Mapping[str, set[str]],
        travel: object,
    ) -> None:
        self.records = {name: fields[name] for name in COLLECTIONS}
        self.ids: dict[str, set[str]] = {
            name: {record.id for record in self.records[name]} | bad_ids[name]
            for name, cls in COLLECTIONS.items()
            if "id" in cls.model_fields
        }
        self.travel = travel
        self.levels: list[str] = []

    def problems(self) -> Iterator[Problem]:
        yield from self._duplicates()
        yield from self._areas()
        yield from self._references()
        yield from self._shares()
        yield from self._ambiguous()
        yield from self._zones()
        yield from self._locations()
        yield from self._together()

    def _duplicates(self) -> Iterator[Problem]:
        keys: dict[str, Callable[[Any], tuple[str, str]]] = {
            "pairs": lambda r: (r.need, r.slot),
            "links": lambda r: (r.source, r.target),
            "decisions": lambda r: (r.need, r.slot),
            "past": lambda r: (
                ("community", r.community)
                if r.community is not None
                else ("person", r.person)
            ),
        }
        for name, cls in COLLECTIONS.items():
            key = keys.get(name, lambda r: (r.id, ""))
            seen = Counter(map(key, self.records[name]))
            if len(seen) == len(self.records[name]):
                continue
            for parts, count in seen.items():
                if count > 1:
                    yield Problem(
                        f"stands there {count} times",
                        cls.label(),
                        " → ".join(filter(None, parts)),
                        "id" if "id" in cls.model_fields else "",
                        hint="remove or rename all but one",
                    )

    def _areas(self) -> Iterator[Problem]:
        yield from self._dangling("areas", "parent", "areas")
        parents = {area.id: area.parent for area in self.records["areas"]}
        for area, parent in parents.items():
            above, steps = parent, 0
            while above is not None and above != area and steps <= len(parents):
                above, steps = parents.get(above), steps + 1
            if above == area:
                yield Problem("lies in itself", "area", area, "parent", parent)
                return
        try:
            self.levels = levels_of(self.records["areas"])
        except InputError as error:
            yield from error.problems
            return
        level = {area.id: area.level for area in self.records["areas"]}
        for community in self.records["communities"]:
            found = level.get(community.area)
            if found is not None and found != self.levels[0]:
                yield Problem(
                    f"is of level {found}; communities lie in the lowest",
                    "community",
                    community.id,
                    "area",
                    community.area,
                    f"an area of level {self.levels[0]}?",
                )

    def _references(self) -> Iterator[Problem]:
        for collection, field, target in REFERENCES:
            yield from self._dangling(collection, field, target)

    def _dangling(self, collection: str, field: str, target: str) -> Iterator[Problem]:
        known = self.ids[target]
        for record in self.records[collection]:
            value = getattr(record, field)
            if value is not None and value not in known:
                yield self._unknown(record, field, value, known, target)

    @staticmethod
    def _unknown(
        record: Any, field: str, value: str, known: set[str], target: str
    ) -> Problem:
        identity = getattr(record, "id", None) or " → ".join(
            str(getattr(record, name))
            for name in type(record).model_fields
            if name in ("need", "slot", "source", "target", "community", "person")
            and getattr(record, name) is not None
        )
        near = difflib.get_close_matches(value, known, 1) if len(known) < 10_000 else []
        return Problem(
            f"is not among the {target}",
            record.label(),
            identity,
            field,
            value,
            f"{near[0]}?" if near else "",
        )

    def _shares(self) -> Iterator[Problem]:
        tiers = len(self.levels) if self.records["areas"] else 1
        names = ["own", *self.levels]
        for collection in ("facilities", "slots"):
            for record in self.records[collection]:
                share = record.share
                if share is None or share in names:
                    continue
                if isinstance(share, int) and share <= tiers:
                    continue
                yield Problem(
                    "is no tier of this instance",
                    record.label(),
                    record.id,
                    "share",
                    str(share),
                    f"one of {', '.join(names)}, or a number from 0 to {tiers}",
                )

    def _ambiguous(self) -> Iterator[Problem]:
        either = (
            (("communities", "facilities"), self._link_ends()),
            (("slots", "facilities"), self._choices()),
        )
        for (one, two), uses in either:
            for record, field, value in uses:
                found = (value in self.ids[one]) + (value in self.ids[two])
                if found == 0:
                    known = self.ids[one] | self.ids[two]
                    target = f"{one} and {two}"
                    yield self._unknown(record, field, value, known, target)
                elif found == 2:
                    yield Problem(
                        f"is among the {one} and among the {two}",
                        record.label(),
                        getattr(record, "id", f"{value}"),
                        field,
                        value,
                        "rename one of them",
                    )

    def _link_ends(self) -> Iterator[tuple[Link, str, str]]:
        for link in self.records["links"]:
            yield link, "source", link.source
            yield link, "target", link.target

    def _choices(self) -> Iterator[tuple[Need, str, str]]:
        for need in self.records["needs"]:
            for choice in need.choices:
                yield need, "choices", choice

    def _zones(self) -> Iterator[Problem]:
        first: tuple[Record, bool] | None = None
        for record, field, time in self._times():
            aware = time.tzinfo is not None
            if first is None:
                first = (record, aware)
            elif first[1] != aware:
                other = f'{first[0].label()} "{first[0].id}"'  # type: ignore[attr-defined]
                yield Problem(
                    f"has {'a' if aware else 'no'} time zone, {other} has "
                    f"{'none' if aware else 'one'}; all times must be alike",
                    record.label(),
                    record.id,
                    field,
                    time.isoformat(),
                    "add an offset such as +08:00 everywhere, or nowhere",
                )
                return

    def _times(self) -> Iterator[tuple[Any, str, Any]]:
        for slot in self.records["slots"]:
            if slot.start is not None:
                yield slot, "start", slot.start
        for facility in self.records["facilities"]:
            for window in facility.closed:
                yield facility, "closed", window.start
        for need in self.records["needs"]:
            for window in need.windows:
                yield need, "windows", window.start

    def _locations(self) -> Iterator[Problem]:
        try:
            travel = Travel.model_validate(self.travel)
        except ValidationError:
            return
        located = None
        for collection in ("communities", "facilities", "needs"):
            for record in self.records[collection]:
                if record.location is None:
                    continue
                located = record
                lon, lat = record.location
                if travel.metric == "geo" and (abs(lon) > 180 or abs(lat) > 90):
                    yield Problem(
                        "is not longitude, latitude in degrees",
                        record.label(),
                        record.id,
                        "location",
                        str(record.location),
                        'swap the two, or set travel metric "plane"',
                    )
                elif max(abs(lon), abs(lat)) > numbers.LARGEST:
                    yield Problem(
                        "is out of range",
                        record.label(),
                        record.id,
                        "location",
                        str(record.location),
                    )
        if (
            located is not None
            and travel.unit == "min"
            and travel.speed is None
            and not self.records["links"]
        ):
            yield Problem(
                "is needed to turn distances into minutes",
                "travel",
                field="speed",
                hint='speed=4 (km/h), or unit "km", or links',
            )

    def _together(self) -> Iterator[Problem]:
        sessions: dict[str, Need] = {}
        for need in self.records["needs"]:
            if need.together is None:
                continue
            first = sessions.setdefault(need.together, need)
            if first.sessions != need.sessions:
                yield Problem(
                    f'is together with "{first.id}", which has {first.sessions}',
                    "need",
                    need.id,
                    "sessions",
                    str(need.sessions),
                    f"sessions={first.sessions}",
                )
