"""Directories of HSDS as tests write and read them."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from sharematch import io
from sharematch.openings import Cutting

WEEKS = Cutting(first=date(2026, 3, 23), last=date(2026, 4, 5), zone="Europe/Helsinki")


def service(**fields: Any) -> dict[str, Any]:
    """A service as the API answers it, with everything nested inside."""
    return {
        "id": "s-1",
        "name": "Choir evenings",
        "status": "active",
        "description": "Sing with us",
        "organization": {"id": "o-1", "name": "Lianqiao club", "description": "x"},
        "capacities": [
            {
                "id": "c-1",
                "available": 12,
                "maximum": 20,
                "unit": {"id": "u", "name": "place"},
                "updated": "2026-01-01T00:00:00Z",
            }
        ],
        "cost_options": [
            {"id": "f-1", "amount": 2.5, "currency": "eur", "option": "for all"},
            {"id": "f-2", "amount": 9, "valid_to": "2025-12-31", "currency": "eur"},
        ],
        "attributes": [
            {
                "id": "a-1",
                "taxonomy_term": {
                    "id": "t-1",
                    "name": "culture/choir",
                    "taxonomy": "x",
                },
            }
        ],
        "schedules": [
            {
                "id": "h-1",
                "freq": "WEEKLY",
                "byday": "MO,WE",
                "opens_at": "18:00",
                "closes_at": "20:00",
            }
        ],
        "service_at_locations": [
            {
                "id": "l-1",
                "location": {
                    "id": "p-1",
                    "name": "Old hall",
                    "location_type": "physical",
                    "latitude": 60.17,
                    "longitude": 24.94,
                    "organization_id": "o-1",
                    "accessibility": [{"id": "x-1", "description": "step-free"}],
                },
            }
        ],
        **fields,
    }


def read(folder: Path, data: object, **options: Any) -> io.Reading:
    path = folder / "hsds.json"
    path.write_text(json.dumps(data), "utf-8")
    return io.read_hsds(path, options.pop("cutting", WEEKS), **options)


PLACES = "id,name,organization_id,latitude,longitude\nl1,Hall,o1,41.9,-87.6\n"
FILES = {
    "organizations": "id,name,description\no1,Org,Org\n",
    "locations": PLACES,
    "services": "id,organization_id,name,status\ns1,o1,Choir,active\n",
    "service_at_location": "id,service_id,location_id\na1,s1,l1\n",
}


WEEKLY = "id,service_at_location_id,freq,interval,byday,opens_at,closes_at,timezone\n"


def folder_of(folder: Path, **files: str) -> Path:
    """Write the tables of a small directory; others replace or add to them."""
    for name, text in {**FILES, **files}.items():
        (folder / f"{name}.csv").write_text(text, "utf-8")
    return folder


def starts(reading: io.Reading) -> list[str]:
    return sorted(
        slot.start.isoformat("T", "minutes")[5:16]
        for slot in reading.instance.slots
        if slot.start
    )


def told(reading: io.Reading, record: str) -> list[tuple[str, str, str]]:
    return [
        (note.field, note.example, note.detail)
        for note in reading.notes
        if note.record == record
    ]
