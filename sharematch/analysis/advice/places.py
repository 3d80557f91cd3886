"""What could be added, and where: each change as an instance that has it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.codes import NONE
from sharematch.errors import InputError
from sharematch.model.instance import Instance
from sharematch.model.measures import MEASURES
from sharematch.model.needs import Need
from sharematch.model.places import Facility, Slot
from sharematch.model.policy import Policy
from sharematch.model.records import COLLECTIONS
from sharematch.model.vocabulary import group_side, units_below_alone

__all__ = [
    "ADD",
    "BY",
    "Change",
    "are_places_room",
    "changed",
    "later_hours",
    "missing",
    "new_slots",
    "places_of",
    "wider_reach",
]

ADD = ("capacity", "slot", "hours", "feature", "reach")
"""What advice can be asked for."""
BY = ("slot", "facility", "community", "area", "kind", "provider")
"""What places of capacity can be gathered by, alone or two of them."""
WITH = {"slot": ("facility", "community"), "facility": ("community",)}
"""What else is said of a place, that the reader may know where it is."""


@dataclass(frozen=True)
class Change:
    """Something to add at one place.

    Attributes
    ----------
    slots
        Ids of slots of which one gets each further place; empty for what is no place.
    needs
        Ids of needs that may get pairs they had not.
    records
        Records in place of those with the same ids, or new ones, by collection.
    amount
        How much of it there is, where it is not as many places as one likes.
    """

    add: str
    place: Mapping[str, str]
    slots: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    records: Mapping[str, tuple[Any, ...]] | None = None
    amount: int | None = None


def changed(instance: Instance, records: Mapping[str, Iterable[Any]]) -> Instance:
    """Return an instance with some records replaced, by their ids, or added."""
    given: dict[str, Any] = {name: getattr(instance, name) for name in COLLECTIONS}
    for name, new in records.items():
        by_id = {record.id: record for record in given[name]}
        by_id |= {record.id: record for record in new}
        given[name] = tuple(by_id.values())
    return Instance(
        name=instance.name, travel=instance.travel, currency=instance.currency, **given
    )


def places_of(columns: Columns, by: str | Sequence[str]) -> list[Change]:
    """Return where places can be added to slots, gathered by one or two of `BY`.

    Raises
    ------
    InputError
        For another name, none, or more than two.
    """
    keys = (by,) if isinstance(by, str) else tuple(by)
    if not set(keys) <= set(BY) or not 0 < len(keys) <= 2 or len({*keys}) < len(keys):
        raise InputError(
            "ask.places_are_gathered_by_one_or",
            known=", ".join(BY),
            field="by",
            value=str(", ".join(keys) or "nothing"),
        )
    slots_by_label: dict[tuple[tuple[str, str], ...], list[str]] = defaultdict(list)
    for slot, values in zip(columns.slot_ids, _values(columns), strict=True):
        labels: list[tuple[tuple[str, str], ...]] = [()]
        for key in (*keys, *(WITH.get(keys[0], ()) if len(keys) == 1 else ())):
            labels = [(*label, (key, v)) for label in labels for v in values[key]]
        for label in labels:
            slots_by_label[label].append(slot)
    return [
        Change("capacity", dict(label), slots=tuple(ids))
        for label, ids in slots_by_label.items()
    ]


def _values(columns: Columns) -> Iterator[dict[str, Sequence[str]]]:
    """Yield for each slot what it can be gathered by; empty where there is none."""

    def named(ids: Sequence[str], row: int) -> Sequence[str]:
        return () if row == NONE else (ids[row],)

    community_of = columns.facility_community.tolist()
    area_of, provider_of = columns.community_area, columns.facility_provider
    kinds, first = columns.slot_kinds.indices.tolist(), columns.slot_kinds.indptr
    for slot, facility in enumerate(columns.slot_facility.tolist()):
        community = community_of[facility]
        slot_kinds = kinds[first[slot] : first[slot + 1]]
        yield {
            "slot": (columns.slot_ids[slot],),
            "facility": (columns.facility_ids[facility],),
            "community": (columns.community_ids[community],),
            "area": named(columns.area_ids, int(area_of[community])),
            "provider": named(columns.provider_ids, int(provider_of[facility])),
            "kind": [columns.kinds[kind] for kind in slot_kinds],
        }


def new_slots(instance: Instance, kinds: Iterable[str]) -> Iterator[Change]:
    """Yield a slot without places for each facility and kind, at any time."""
    taken = {slot.id for slot in instance.slots}
    for facility in instance.facilities:
        for kind in sorted(kinds):
            name = _free(f"{facility.id} new {kind}", taken)
            slot = Slot(id=name, facility=facility.id, kinds=[kind], capacity=0)
            place = {
                "facility": facility.id,
                "community": facility.community,
                "kind": kind,
            }
            yield Change("slot", place, (name,), records={"slots": (slot,)})


def later_hours(instance: Instance) -> Iterator[Change]:
    """Yield the last slot of each facility and day once more, right after it."""
    taken = {slot.id for slot in instance.slots}
    community = {f.id: f.community for f in instance.facilities}
    last: dict[tuple[str, Any], Slot] = {}
    for slot in instance.slots:
        if slot.start is None or slot.end is None:
            continue
        key = slot.facility, slot.start.date()
        if key not in last or (slot.end, slot.id) > (last[key].end, last[key].id):
            last[key] = slot
    for (facility, day), slot in last.items():
        assert slot.start is not None
        assert slot.end is not None
        change = {
            "id": _free(f"{slot.id} later", taken),
            "start": slot.end,
            "end": slot.end + (slot.end - slot.start),
            "capacity": 0,
            "reserve": 0,
            "min_units": 0,
            "either": None,
        }
        later = Slot(**{**_fields(slot), **change})
        place = {
            "facility": facility,
            "community": community[facility],
            "day": day.isoformat(),
        }
        records = {"slots": (later,)}
        yield Change("hours", place, (later.id,), records=records, amount=slot.capacity)


def missing(instance: Instance) -> Iterator[Change]:
    """Yield each feature that some need requires and a facility does not have."""
    wanted: dict[str, list[str]] = defaultdict(list)
    for need in instance.needs:
        for feature in need.requires:
            wanted[feature].append(need.id)
    for facility in instance.facilities:
        for feature in sorted(wanted.keys() - facility.features):
            more = {"features": facility.features | {feature}}
            better = Facility(**{**_fields(facility), **more})
            place = {
                "facility": facility.id,
                "community": facility.community,
                "feature": feature,
            }
            records = {"facilities": (better,)}
            needs = tuple(wanted[feature])
            yield Change("feature", place, needs=needs, records=records, amount=1)


def wider_reach(instance: Instance, further: int) -> Iterator[Change]:
    """Yield for each community its needs that may travel further than they do."""
    needs: dict[str, list[Need]] = defaultdict(list)
    for need in instance.needs:
        if need.max_travel is not None:
            longer = {"max_travel": Decimal(need.max_travel) + further}
            needs[need.community].append(Need(**{**_fields(need), **longer}))
    for community, further_needs in needs.items():
        ids = tuple(need.id for need in further_needs)
        records = {"needs": tuple(further_needs)}
        place = {"community": community}
        yield Change("reach", place, needs=ids, records=records, amount=further)


def _fields(record: Any) -> dict[str, Any]:
    return {name: getattr(record, name) for name in type(record).model_fields}


def _free(name: str, taken: set[str]) -> str:
    """Return a name that is not taken, and take it."""
    new, count = name, 1
    while new in taken:
        count += 1
        new = f"{name} ({count})"
    taken.add(new)
    return new


def are_places_room(columns: Columns, policy: Policy) -> bool:
    """Return whether more places change nothing but how many units a slot can take."""
    if any(MEASURES[goal.measure].needs_baseline for goal in policy.goals):
        return False
    if len(columns.cells) != len(columns.slot_ids):  # a place more is one at each step
        return False
    some_empty = bool((columns.slot_capacity == 0).any())
    for rule in policy.rules:
        is_share = MEASURES[rule.measure].is_share_of_places
        if units_below_alone(rule) is not None or is_share:
            return False
        sides = [group_side(key, rule.measure) for key in rule.groups]
        # Groups of slots without places are not judged before they have some.
        if rule.by != "assignment" and "slot" in sides and some_empty:
            return False
    return True
