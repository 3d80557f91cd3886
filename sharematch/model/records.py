"""The records of an instance: frozen, checked one by one when they are made.

What a record says about another (an id that must exist, a tier's name) is checked by
`sharematch.model.checks`, which sees them all.
"""

from sharematch.model.base import Record
from sharematch.model.needs import Decision, Need, Pair, Past
from sharematch.model.places import Area, Community, Facility, Provider, Slot
from sharematch.model.ways import Link

__all__ = ["COLLECTIONS", "REFERENCES"]

COLLECTIONS: dict[str, type[Record]] = {
    "areas": Area,
    "communities": Community,
    "providers": Provider,
    "facilities": Facility,
    "slots": Slot,
    "needs": Need,
    "pairs": Pair,
    "links": Link,
    "past": Past,
    "decisions": Decision,
}
"""The collections of an instance, in the order of its fields."""

REFERENCES = (
    ("communities", "area", "areas"),
    ("providers", "community", "communities"),
    ("facilities", "community", "communities"),
    ("facilities", "provider", "providers"),
    ("slots", "facility", "facilities"),
    ("needs", "community", "communities"),
    ("pairs", "need", "needs"),
    ("pairs", "slot", "slots"),
    ("past", "community", "communities"),
    ("decisions", "need", "needs"),
    ("decisions", "slot", "slots"),
)
"""Fields that hold the id of one record: collection, field, collection meant."""
