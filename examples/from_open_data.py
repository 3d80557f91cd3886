"""From open data to calendars and a report: who can use which place, and when?

Places, opening hours and step-free entrances are real (OpenStreetMap, see `helsinki/`).
Four communities, what they ask for and 10 places an hour are assumed.
"""

from collections import Counter
from datetime import date, time
from pathlib import Path
from tempfile import TemporaryDirectory

import sharematch as sm
from sharematch import io
from sharematch.openings import Cutting
from sharematch.report import write_report

HOMES = {
    "kamppi": (24.931, 60.168),
    "kluuvi": (24.948, 60.172),
    "punavuori": (24.939, 60.162),
    "kruununhaka": (24.956, 60.173),
}
# The clock is put forward in the night to Sunday, March 29.
week = Cutting(
    first=date(2026, 3, 27),
    last=date(2026, 3, 30),
    zone="Europe/Helsinki",
    minutes=120,
    breaks=[(time(12), time(13))],
    capacity=10,
)
city, notes = io.read_osm(
    Path(__file__).parent / "helsinki" / "facilities.geojson",
    week,
    kinds={
        "amenity=library": "culture/reading",
        "amenity=community_centre": "culture/choir",
        "leisure=fitness_centre": "sport",
    },
    communities=[sm.Community(id=name, location=at) for name, at in HOMES.items()],
    country="FI",
)
needs = [
    sm.Need(
        id=f"{home} {kind}{' step-free' * step_free}",
        community=home,
        kind=kind,
        quantity=90 if step_free else 120,
        requires=["step-free"] if step_free else [],
        max_travel=1.5,
    )
    for home in HOMES
    for kind, step_free in (("culture", False), ("culture", True), ("sport", False))
]
town = city.replace(needs=needs, name="Helsinki, center")
result = sm.solve(town)
assert not sm.verify(town, result.allocation, result.policy)

print(town)
kinds = Counter("/".join(sorted(slot.kinds)) for slot in town.slots)
print(", ".join(f"{count} slots of {kind}" for kind, count in sorted(kinds.items())))
print("\nNot in the data, or not carried over:")
for note in notes:
    print(f"- {note}")
print(f"\n{result}\n")
with TemporaryDirectory() as folder:
    io.write_calendars(town, result.allocation, f"{folder}/calendars")
    for path in sorted(Path(folder, "calendars").iterdir()):
        events = path.read_text(encoding="utf-8").count("BEGIN:VEVENT")
        print(f"{path.name}: {events} events")
    write_report(town, result, f"{folder}/report.html")
    page = Path(folder, "report.html").read_text(encoding="utf-8")
    assert all(home in page for home in HOMES)
    print("report.html: one page for residents and the office")
