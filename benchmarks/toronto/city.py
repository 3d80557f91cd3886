"""The City's tables as records, and assumptions in place of what they lack."""

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import sharematch as sm
from sharematch.errors import InputError, Problem
from sharematch.io.geo.geojson import read_features
from sharematch.io.geo.shapes import Shape, shape_of
from sharematch.io.native.documents import read_text

__all__ = [
    "FILES",
    "IMPROVEMENT_AREA",
    "LOW_INCOME",
    "Assumptions",
    "read_city",
    "read_names",
    "read_shapes",
]

LOW_INCOME, IMPROVEMENT_AREA = "low-income", "improvement-area"
FILES = ("communities.csv", "facilities.csv", "slots.csv", "communities.geojson")
_KIND = "older-adults/"
_ACTIVE, _CALM = "active", "calm"
_KINDS = {
    **dict.fromkeys(("sports", "fitness", "skating", "aquatics"), _ACTIVE),
    **dict.fromkeys(("arts", "hobbies_social"), _CALM),
}
_COLUMNS = {
    "communities": "community_id population age_65_plus low_income_pct designation",
    "facilities": "facility_id name lon lat community_id",
    "slots": "slot_id facility_id category age_min start end",
}

Row = dict[str, str]


@dataclass(frozen=True)
class Assumptions:
    """What the tables do not say.

    Parameters
    ----------
    places
        In each session.
    per_thousand
        Requests, one session each, for every 1,000 residents of 65 or more.
    active_of_three
        Of three requests, so many are for sport, fitness, skating or swimming; the
        others for arts, games or company.
    least_age
        A session is for older adults where its least age is this or more.
    """

    places: int = 20
    per_thousand: int = 50
    active_of_three: int = 2
    least_age: int = 55

    def __str__(self) -> str:
        return f"""Assumed, because the tables do not say it:
- Places: {self.places} in each session.
- Who asks: {self.per_thousand} of 1,000 residents of 65 or more, everywhere alike,
  for one session in the week; {self.active_of_three} of 3 for sport, fitness, skating
  or swimming, the others for arts, games or company. Any day and hour suits.
- Which sessions: those with a least age of {self.least_age} or more.
- Low income: as frequent among those who ask as in the whole neighborhood.
- Where: residents live at the middle of their neighborhood; ways are straight.
- Access: everybody can enter every place.
- Fee: none."""


def read_city(folder: Path, assumed: Assumptions | None = None) -> sm.Instance:
    """Return one week of older adults' sessions and requests.

    Parameters
    ----------
    folder
        Holds ``communities.csv``, ``facilities.csv``, ``slots.csv`` and
        ``communities.geojson``, whose polygons give the middles.
    assumed
        What the tables do not say.

    Raises
    ------
    InputError
        When a table is not there, lacks a column, or a row means nothing.
    """
    assumed = Assumptions() if assumed is None else assumed
    people = _rows(folder, "communities")
    middles = {name: shape.center for name, shape in read_shapes(folder).items()}
    return sm.Instance(
        name="toronto",
        communities=[_community(row, middles) for row in people],
        facilities=[_facility(row) for row in _rows(folder, "facilities")],
        slots=[
            _slot(row, assumed)
            for row in _rows(folder, "slots")
            if row["age_min"] and _number(row, "age_min") >= assumed.least_age
        ],
        needs=[need for row in people for need in _needs(row, assumed)],
    )


def read_shapes(folder: Path) -> dict[str, Shape]:
    """Return the polygons of the neighborhoods by id."""
    return {
        str(feature["properties"]["community_id"]): shape_of(feature["geometry"])
        for feature in read_features(folder / "communities.geojson")
    }


def read_names(folder: Path) -> dict[str, str]:
    """Return the names of facilities by id."""
    return {row["facility_id"]: row["name"] for row in _rows(folder, "facilities")}


def _rows(folder: Path, table: str) -> list[Row]:
    path = folder / f"{table}.csv"
    reader = csv.DictReader(read_text(path).splitlines(), restval="")
    missing = set(_COLUMNS[table].split()) - set(reader.fieldnames or ())
    if missing:
        raise InputError(
            [Problem("is missing", "column", min(missing), source=str(path))]
        )
    return list(reader)


def _community(row: Row, middles: dict[str, tuple[float, float]]) -> sm.Community:
    name = row["community_id"]
    if name not in middles:
        raise InputError([Problem("has no polygon", "community", name)])
    return sm.Community(
        id=name,
        location=middles[name],
        population=_number(row, "population"),
        tags={IMPROVEMENT_AREA} if row["designation"] == "NIA" else (),
    )


def _facility(row: Row) -> sm.Facility:
    return sm.Facility(
        id=row["facility_id"],
        community=row["community_id"],
        location=(_real(row, "lon"), _real(row, "lat")),
    )


def _slot(row: Row, assumed: Assumptions) -> sm.Slot:
    if row["category"] not in _KINDS:
        raise _wrong(row, "category", f"must be one of {', '.join(sorted(_KINDS))}")
    return sm.Slot(
        id=row["slot_id"],
        facility=row["facility_id"],
        kinds={_KIND + _KINDS[row["category"]]},
        capacity=assumed.places,
        start=row["start"],
        end=row["end"],
    )


def _needs(row: Row, assumed: Assumptions) -> Iterator[sm.Need]:
    """Yield requests by kind and income; those of one neighborhood add up exactly."""
    asked = _share(_number(row, "age_65_plus"), assumed.per_thousand, 1000)
    active = _share(asked, assumed.active_of_three, 3)
    per_thousand = _number(row, "low_income_pct", times=10)
    for kind, units in ((_ACTIVE, active), (_CALM, asked - active)):
        poor = _share(units, per_thousand, 1000)
        for groups, quantity in ((LOW_INCOME,), poor), ((), units - poor):
            if quantity:
                yield sm.Need(
                    id="-".join((row["community_id"], kind, *groups)),
                    community=row["community_id"],
                    kind=_KIND + kind,
                    quantity=quantity,
                    groups=groups,
                )


def _share(units: int, part: int, whole: int) -> int:
    """Return a share in whole units, rounded to nearest."""
    return (2 * units * part + whole) // (2 * whole)


def _number(row: Row, field: str, *, times: int = 1) -> int:
    """Return a cell, so many times, in whole units."""
    return round(times * _real(row, field))


def _real(row: Row, field: str) -> float:
    try:
        value = float(row[field])
    except ValueError:
        raise _wrong(row, field, "must be a number") from None
    if not math.isfinite(value):
        raise _wrong(row, field, "must be a number")
    return value


def _wrong(row: Row, field: str, message: str) -> InputError:
    column, name = next(iter(row.items()))
    record = column.removesuffix("_id")
    return InputError([Problem(message, record, name, field, row[field])])
