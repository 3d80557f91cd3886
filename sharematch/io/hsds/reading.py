"""Open Referral HSDS (https://docs.openreferral.org): directories to instances.

organization → provider · location → facility · accessibility → features · service at a
location, by its schedules → slots · service_capacity → capacity · cost_option → fee ·
taxonomy terms of a service → kinds. Needs are no part of the standard.
"""

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from sharematch.errors import InputError
from sharematch.io.carry import Ledger, Reading, in_one_line, instance_of, plain_kind
from sharematch.io.geo.geojson import Home
from sharematch.io.hsds.check import Faults, check, point_of_row
from sharematch.io.hsds.files import read_tables
from sharematch.io.hsds.offers import Offers
from sharematch.io.hsds.older import modernize
from sharematch.io.hsds.tables import FIELDS, OLDER, Row, Tables
from sharematch.io.openings import Cutting, cut
from sharematch.model.arguments import typed
from sharematch.model.canonical import record_data
from sharematch.model.places import Community
from sharematch.text import Text

__all__ = ["NOBODY", "TAXONOMY", "read_hsds"]

TAXONOMY = "sharematch"
"""The taxonomy of attributes that hold what HSDS has no field for."""

NOBODY = "nobody"
"""The attribute of an organization that stands where a place names none."""

_SECTORS = ("public", "host", "volunteer", "market")


@typed
def read_hsds(
    path: str | os.PathLike[str],
    cutting: Cutting,
    *,
    communities: Iterable[Community] = (),
    fee: Decimal | None = None,
    strict: bool = False,
) -> Reading:
    """Read a directory of services: facilities, providers, slots.

    Parameters
    ----------
    path
        A JSON file (services, organizations, pages of them, or tables), or the folder
        of a CSV data package.
    cutting
        Days, zone and length of the slots. Clock times without an offset are of its
        zone; `timezone` of a schedule counts where the cutting has no zone of its own.
    communities
        A facility belongs to the nearest; without any, all to one.
    fee
        What services cost that cost something, it is not said how much. Without it
        they have no slots.
    strict
        Whether a record that cannot be read, or refers to what is not there, refuses
        the whole. Else it is left out with all that depends on it, and noted.

    Returns
    -------
    Records are named by the `name` of what they come from where no other has it, else
    by its `id`. Notes say what was not carried; free text never is.

    Raises
    ------
    InputError
        When it is no HSDS; with `strict` for all records that cannot be read.

    Examples
    --------
    >>> from datetime import date
    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> folder = Path(mkdtemp()) / "hsds"
    >>> _ = sm.io.write_hsds(town, folder)
    >>> cutting = sm.openings.Cutting(first=date(2026, 12, 7), last=date(2026, 12, 13))
    >>> reading = sm.io.read_hsds(folder, cutting)
    >>> len(reading.instance.facilities) == len(town.facilities)
    True
    """
    path = Path(path)
    tables, unread = read_tables(path)
    ledger = Ledger()
    for name in unread:
        ledger.lost(str(name)[:40], "", path.name)
    modernize(tables, ledger, path.name)
    faults = Faults(ledger, str(path))
    check(tables, cutting, faults)
    reader = _Reader(tables, cutting, faults, fee)
    reading = reader.read([record_data(each) for each in communities], str(path))
    if strict and faults.problems:
        raise InputError(faults.problems)
    return reading


class _Reader:
    """Turns tables into records."""

    def __init__(
        self, tables: Tables, cutting: Cutting, faults: Faults, fee: Decimal | None
    ) -> None:
        self.tables = tables
        self.cutting = cutting
        self.faults = faults
        self.ledger = faults.ledger
        self.fee = fee
        self.names = {
            entity: _names(tables[entity])
            for entity in ("organization", "location", "service")
        }
        self.attributes = self._attributes()
        self.nobody: set[str] = set()

    def read(self, communities: list[Row], source: str) -> Reading:
        """Return the instance."""
        for entity, rows in self.tables.items():
            for row in rows:
                known = {**FIELDS, **OLDER}[entity]
                self.ledger.lost_rest(entity, row["id"], row, known)
                self._tell_unread(entity, row)
        fields: dict[str, Any] = {"communities": communities}
        fields["providers"] = [*self._providers()]
        fields["facilities"] = [*self._facilities(fields)]
        offers = Offers(
            self.tables, self.cutting, self.faults, self.names, self.attributes
        )
        made = cut([*offers.read(self.fee)], self.cutting)
        for name, _ in made.rests:
            self.ledger.lost(
                "schedule", "", name, Text("carry.rests_shorter_than_a_slot")
            )
        fields["slots"] = made.slots
        fields |= offers.currency()
        return Reading(instance_of(fields, source), self.ledger.notes)

    def _tell_unread(self, entity: str, row: Row) -> None:
        """Note fields that are written, but say nothing when they are read."""
        plain = {
            ("organization", "description"): row.get("name"),
            ("taxonomy_term", "description"): row.get("name"),
            ("location", "location_type"): "physical",
            ("service_capacity", "maximum"): row.get("available"),
            ("unit", "name"): "place",
        }
        for (owner, field), expected in plain.items():
            value = row.get(field) if owner == entity else None
            if value not in (None, "", expected):
                self.ledger.lost(entity, field, row["id"])

    def _attributes(self) -> dict[tuple[str, str, str], list[str]]:
        """Return what attributes say of an object: terms, and words of ours."""
        terms = {row["id"]: row for row in self.tables["taxonomy_term"]}
        words: dict[tuple[str, str, str], list[str]] = defaultdict(list)
        for row in self.tables["attribute"]:
            about = str(row.get("link_entity", "")), str(row.get("link_id", ""))
            term = terms.get(row.get("taxonomy_term_id"), {})
            name = str(term.get("name") or "")
            if term.get("taxonomy") == TAXONOMY and name:
                words[*about, name].append(str(row.get("value", "")))
            elif about[0] == "service" and plain_kind(name):
                words[*about, "kind"].append(plain_kind(name))
            else:
                self.ledger.lost("attribute", "", row["id"])
        return words

    def _attribute(self, entity: str, row: Row, name: str) -> str | None:
        return next(iter(self.attributes.get((entity, row["id"], name), ())), None)

    def _providers(self) -> Iterator[Row]:
        for row in self.tables["organization"]:
            name = self.names["organization"][row["id"]]
            if self._attribute("organization", row, NOBODY):
                self.nobody.add(name)
                continue
            sector = self._attribute("organization", row, "sector")
            if sector not in _SECTORS:
                self.ledger.assumed("provider", "sector", name, "host")
                sector = "host"
            yield {"id": name, "sector": sector}

    def _facilities(self, fields: dict[str, Any]) -> Iterator[Row]:
        home = Home(self.ledger)
        features = self._features()
        known = {row["id"] for row in fields["communities"]}
        for row in self.tables["location"]:
            name = self.names["location"][row["id"]]
            facility: Row = {"id": name, "features": features[row["id"]]}
            point = point_of_row(row)
            if point is not None:
                facility["location"] = point
            provider = self.names["organization"].get(str(row.get("organization_id")))
            if provider is not None and provider not in self.nobody:
                facility["provider"] = provider
            community = self._attribute("location", row, "community")
            if community is not None and community not in known:
                known.add(community)
                fields["communities"].append({"id": community})
            facility["community"] = community or home.of(name, point, fields)
            yield facility

    def _features(self) -> dict[str, list[str]]:
        """Return the features of each location: short descriptions as they stand."""
        features: dict[str, list[str]] = defaultdict(list)
        for row in self.tables["accessibility"]:
            text = row.get("description")
            if isinstance(text, str) and 0 < len(text) <= 60:
                features[str(row.get("location_id"))].append(in_one_line(text))
            else:
                self.ledger.lost(
                    "accessibility", "description", row["id"], Text("carry.free_text")
                )
        return features


def _names(rows: Iterable[Row]) -> dict[str, str]:
    """Return what to call each row: by its name if no other has it, else by its id."""
    rows = list(rows)
    names = {row["id"]: in_one_line(str(row.get("name") or "")) for row in rows}
    counts = Counter(names.values())
    return {
        name: plain
        if 0 < len(plain) <= 400
        and counts[plain] == 1
        and (plain not in names or plain == name)
        else in_one_line(name)
        for name, plain in names.items()
    }
