"""Make `instance.json` from the three tables in this folder; see README.md."""

import csv
from pathlib import Path

import sharematch as sm
from sharematch.io import write_instance

HERE = Path(__file__).parent
WEEK = [f"2026-12-{day:02}" for day in range(7, 12)]

# Assumptions: nothing of this is in the data.
OLDER = 0.14  # share of residents who are older adults
WEEKS = 52  # each is checked once a year, evenly over the weeks
PLACES = 20  # check-ups at each site on each working day
REACH = 4  # km that an older adult travels
COST = 60  # of one check-up, to the site


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of one of the tables."""
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def build() -> sm.Instance:
    """Return a week of check-ups for older adults of 205 tracts at 16 sites."""
    tracts, sites, distances = map(rows, ("tracts.csv", "sites.csv", "distances.csv"))
    # A site belongs to the tract that is nearest by the network.
    nearest: dict[str, tuple[float, str]] = {}
    for row in distances:
        way = (float(row["distance"]), row["DestinationName"])
        nearest[row["name"]] = min(way, nearest.get(row["name"], way))
    return sm.Instance(
        name="san-francisco",
        currency="USD",
        communities=[
            sm.Community(
                id=tract["NAME"],
                location=(
                    round(float(tract["long"]), 6),
                    round(float(tract["lat"]), 6),
                ),
                population=int(tract["POP2000"]),
            )
            for tract in tracts
        ],
        facilities=[
            sm.Facility(
                id=site["NAME"],
                community=nearest[site["NAME"]][1],
                location=(round(float(site["long"]), 6), round(float(site["lat"]), 6)),
            )
            for site in sites
        ],
        slots=[
            sm.Slot(
                id=f"{site['NAME']}-{day}",
                facility=site["NAME"],
                kinds=["health/check"],
                capacity=PLACES,
                start=f"{day}T09:00",
                end=f"{day}T16:00",
                unit_cost=COST,
            )
            for site in sites
            for day in WEEK
        ],
        needs=[
            sm.Need(
                id=f"older-{tract['NAME']}",
                community=tract["NAME"],
                kind="health/check",
                quantity=round(int(tract["POP2000"]) * OLDER / WEEKS),
                groups={"elderly"},
                max_travel=REACH,
            )
            for tract in tracts
        ],
        # One way only: distances are given from tract to site, none through a third.
        links=[
            sm.Link(
                source=row["DestinationName"],
                target=row["name"],
                travel=f"{round(float(row['distance'])) / 1000:.3f}",
                two_way=False,
            )
            for row in distances
        ],
    )


if __name__ == "__main__":
    write_instance(build(), HERE / "instance.json")
