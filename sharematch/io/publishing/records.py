"""The records of a published instance, and the pairs that may be matched."""

from collections.abc import Iterator
from typing import Any

from sharematch.core.columns.charges import fee_of
from sharematch.core.measures.measures import Measures
from sharematch.core.measures.pairs import ArcPairs
from sharematch.io.publishing.mask import WHOLE, Mask
from sharematch.io.publishing.reading import RECORDS
from sharematch.model.canonical import record_data
from sharematch.model.instance import Instance
from sharematch.model.measures import MEASURES
from sharematch.model.needs import Decision
from sharematch.model.places import Facility
from sharematch.model.vocabulary import CALENDAR

__all__ = ["Records", "pairs"]

PER_PAIR = ("travel", "rank", "cost", "wait", "lateness", "unpreferred")
MONEY = ("fee", "staff_fee", "unit_cost", "opening_cost")


class Records:
    """What a policy looks at in a town, under public names."""

    def __init__(self, town: Instance, mask: Mask) -> None:
        self.town, self.mask = town, mask

    def to_dict(self) -> dict[str, Any]:
        """Return the records of the published instance, sorted by their new ids."""
        records = {name: [*getattr(self, f"_{name}")()] for name in RECORDS}
        for name, rows in records.items():
            rows.sort(key=lambda row: str(row.get("id", row)))
            for row in rows:
                for field in [field for field, value in row.items() if value is None]:
                    del row[field]
            if name == "communities" and not self.mask.has_homes:
                records[name] = [{"id": WHOLE}]
        return records

    def _areas(self) -> Iterator[dict[str, Any]]:
        for area in self.town.areas if self.mask.has_areas else ():
            named = area.level in self.mask.levels
            yield {
                "id": self.mask.id("area", area.id),
                "level": area.level if named else self.mask.id("level", area.level),
                "parent": self.mask.id("area", area.parent),
            }

    def _communities(self) -> Iterator[dict[str, Any]]:
        has_areas = "area" in self.mask.keys
        for community in self.town.communities:
            data = record_data(community)
            named = [tag for tag in community.tags if ("tags", tag) in self.mask.where]
            yield {
                "id": self.mask.community(community.id),
                "area": self.mask.id("area", community.area) if has_areas else None,
                "tags": sorted(named) or None,
                **{name: data.get(name) for name in self.mask.by_weight},
            }

    def _providers(self) -> Iterator[dict[str, Any]]:
        for provider in self.town.providers if self._has_providers else ():
            sector = provider.sector if "sector" in self.mask.keys else "public"
            yield {"id": self.mask.id("provider", provider.id), "sector": sector}

    @property
    def _has_providers(self) -> bool:
        return bool(self.mask.keys & {"provider", "sector"})

    def _facilities(self) -> Iterator[dict[str, Any]]:
        for facility in self.town.facilities:
            provider = facility.provider if self._has_providers else None
            yield {
                "id": self.mask.id("facility", facility.id),
                "community": self.mask.community(facility.community),
                "provider": self.mask.id("provider", provider),
                "max_units": facility.max_units,
                **self._setup(facility),
                **self._money("facility", facility),
            }

    def _setup(self, facility: Facility) -> dict[str, Any]:
        """Return a facility's set-up, and its own hours, in which it ends."""
        if not facility.setup:
            return {}
        data = record_data(facility)
        return {name: data.get(name) for name in ("setup", "closed")}

    def _slots(self) -> Iterator[dict[str, Any]]:
        is_timed = self.mask.keys & {*CALENDAR, "time"} or any(
            need.person is not None or need.sessions > 1 or need.minutes is not None
            for need in self.town.needs
        )
        is_timed = is_timed or any(slot.step is not None for slot in self.town.slots)
        for slot in self.town.slots:
            data = record_data(slot)
            yield {
                "id": self.mask.id("slot", slot.id),
                "facility": self.mask.id("facility", slot.facility),
                "kinds": [WHOLE],
                "capacity": slot.capacity,
                "step": slot.step,
                "reserve": data.get("reserve"),
                "min_units": data.get("min_units"),
                "either": self.mask.id("either", slot.either),
                **{name: data.get(name) for name in ("start", "end") if is_timed},
                **self._money("slot", slot),
            }

    def _money(self, kind: str, record: Any) -> dict[str, Any]:
        """Return the money of a slot or facility that the policy's measures read."""
        data = record_data(record)
        read = (name for name in MONEY if f"{kind}.{name}" in self.mask.reads)
        return {name: data.get(name) for name in read}

    def _needs(self) -> Iterator[dict[str, Any]]:
        is_weighed = "need.weight" in self.mask.reads
        for need in self.town.needs:
            data = record_data(need)
            kept = (
                *("min_quantity", "whole", "sessions", "every"),
                *("minutes", "times", "per_day", "min_sessions", "rest"),
            )
            groups = [
                self.mask.group("group", group)
                for group in need.groups
                if ("group", group) in self.mask.where or self._asks_groups
            ]
            yield {
                "id": self.mask.id("need", need.id),
                "community": self.mask.community(need.community),
                "kind": self.mask.kind(need.kind),
                "quantity": need.quantity,
                "groups": sorted(groups) or None,
                "weight": data.get("weight") if is_weighed else None,
                "people": data.get("people") if self.mask.has_people else None,
                **{name: data.get(name) for name in kept},
                "person": self.mask.id("person", need.person),
                "together": self.mask.id("together", need.together),
            }

    @property
    def _asks_groups(self) -> bool:
        terms = (*self.mask.policy.rules, *self.mask.policy.goals)
        return any(
            "group" in term.groups
            for term in terms
            if term.by not in (None, "assignment")
        )

    def _past(self) -> Iterator[dict[str, Any]]:
        counts = any(MEASURES[name].has_past for name in self.mask.measures)
        for past in self.town.past if counts else ():
            known = {"served": past.served, "demand": past.demand}
            if past.person is not None and "person" in self.mask.keys:
                yield {"person": self.mask.id("person", past.person), **known}
            if past.community is not None and self.mask.keys & {"community", "area"}:
                yield {"community": self.mask.community(past.community), **known}

    def _decisions(self) -> Iterator[dict[str, Any]]:
        for decision in self.town.decisions:
            if decision.status in ("pinned", "accepted"):
                yield self._decision(decision)

    def _decision(self, decision: Decision) -> dict[str, Any]:
        pair = self.mask.pair(decision.need, decision.slot)
        start = record_data(decision).get("start")
        told = {"quantity": decision.quantity, "start": start}
        return {**pair, "status": "pinned", **told}


def pairs(mask: Mask, measures: Measures, exact: Measures) -> Iterator[dict[str, Any]]:
    """Yield the pairs left by the policy, with what a unit on each counts.

    Of an opening each start is one: `start` says how long after the opening's it is.

    Parameters
    ----------
    exact
        Over the same arcs, for measures that are somebody's own.
    """
    columns, arcs = measures.columns, measures.arcs
    fields = ArcPairs(columns, arcs, None)
    counted = {
        name: fields.pair(name) for name in PER_PAIR if f"pair.{name}" in mask.reads
    }
    if len(columns.concession_slot) and "slot.fee" in mask.reads:
        counted["fee"] = fee_of(columns, arcs.need, arcs.slot)
    cells = columns.cells
    after = cells.start[arcs.cell] - cells.start[cells.first[arcs.slot]]
    values = {"tier": arcs.tier, "units": arcs.units, "start": after, **counted}
    lists = {name: array.tolist() for name, array in values.items()}
    owns = {name: exact.coefficients(name).tolist() for name in mask.own}
    need = [f"{mask.id('need', id_)}" for id_ in columns.need_ids]
    slot = [f"{mask.id('slot', id_)}" for id_ in columns.slot_ids]
    ends = [
        (need[n], slot[s], i)
        for i, (n, s) in enumerate(
            zip(arcs.need.tolist(), arcs.slot.tolist(), strict=True)
        )
    ]
    for n, s, i in sorted(ends):
        row = {"need": n, "slot": s}
        for name, array in lists.items():
            if array[i] != (name == "units") or name == "fee":
                row[name] = array[i]
        if told := {name: counts[i] for name, counts in owns.items() if counts[i]}:
            row["own"] = told
        yield row
