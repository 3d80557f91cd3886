"""Write the tables of three made-up offices, by a seed: `python build.py`."""

import csv
import random
from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).parent
YOUNG = ("mon-fri 16:00-20:30", "mon-fri 16:00-19:00")
GROWN = ("mon-fri 17:30-22:00", "mon-fri 19:00-22:00")
Rows = Iterable[dict[str, object]]


def ice(dice: random.Random) -> dict[str, Rows]:
    """Two rinks; clubs are due standard hours by registrants: 16 skate 2 hours."""
    clubs: list[dict[str, object]] = [
        {"id": "town", "population": "", "entitlement": 2}
    ]
    public = hours_of("public-skating", "town", 2, "sat,sun 12:00-18:00", "own")
    needs: list[dict[str, object]] = [public | {"minutes": 180}]
    for club, groups, low, high in (
        ("minor-hockey", "youth;boys", 320, 400),
        ("girls-hockey", "youth;girls", 130, 170),
        ("figure-skating", "youth", 90, 130),
        ("speed-skating", "youth", 20, 45),
        ("mens-league", "adults", 180, 240),
        ("womens-league", "adults", 80, 110),
        ("oldtimers", "adults", 30, 60),
    ):
        registrants = dice.randint(low, high)
        due = -(-registrants // 16) * 2
        clubs.append({"id": club, "population": registrants, "entitlement": due})
        asked = due + dice.randint(0, 8)
        if groups == "adults":
            late = "mon-sun 18:00-23:00"
            needs.append(hours_of(f"{club}-late", club, asked, late, groups))
            continue
        for band, hours, windows in (
            ("under-11", asked // 2, "mon-fri 16:00-20:00;sat,sun 7:00-18:00"),
            ("teens", asked - asked // 2, "mon-fri 16:00-22:00;sat,sun"),
        ):
            needs.append(hours_of(f"{club}-{band}", club, hours, windows, groups))
    rinks = [{"id": name, "community": "town"} for name in ("north-rink", "south-rink")]
    openings = [
        open_(rink["id"], "ice", days, hours, step=60)
        for rink in rinks
        for days, hours in (("mon-fri", "16:00-23:00"), ("sat,sun", "7:00-22:00"))
    ]
    return tables(clubs, rinks, openings, needs)


def hours_of(
    id_: str, club: str, hours: int, windows: str, groups: str
) -> dict[str, object]:
    """Return what one division asks for: hours of ice, not all on few days."""
    return {
        "id": id_,
        "community": club,
        "kind": "ice",
        "minutes": 60,
        "times": hours,
        "per_day": max(2, -(-hours // 6)),
        "windows": windows,
        "groups": groups,
    }


def open_(
    facility: str, kind: str, days: str, hours: str, **more: object
) -> dict[str, object]:
    """Return when a facility is open in the week of the plan."""
    opens, closes = hours.split("-")
    return {
        "facility": facility,
        "kinds": kind,
        "weekdays": days,
        "from": opens,
        "to": closes,
        "valid from": "2027-09-06",
        "until": "2027-09-12",
        "step": 30,
        "capacity": 1,
        **more,
    }


def halls(dice: random.Random) -> dict[str, Rows]:
    """Two halls in thirds; youth trains before eight."""
    names = ("school-hall", "sports-hall")
    facilities = [
        {"id": name, "community": "town", "parts": "A;B;C", "consent": "standing"}
        for name in names
    ]
    openings = [
        open_(name, "sport", "mon-thu", "16:00-22:00", capacity=3) for name in names
    ]
    clubs: list[dict[str, object]] = [{"id": "town"}]
    needs: list[dict[str, object]] = []
    for quarter in ("tianfeng", "lianqiao", "junmiao", "qinqiao"):
        for sport in ("handball", "volleyball", "gymnastics"):
            club = f"{quarter}-{sport}"
            clubs.append({"id": club})
            for team in range(dice.randint(2, 5)):
                is_young = dice.random() < 0.6
                needs.append(
                    {
                        "id": f"{club}-{'youth' if is_young else 'adults'}-{team + 1}",
                        "community": club,
                        "kind": "sport",
                        "quantity": dice.choice((1, 1, 2) if is_young else (1, 2, 3)),
                        "minutes": 90,
                        "times": dice.choice((1, 2, 2)),
                        "windows": YOUNG[0] if is_young else GROWN[0],
                        "preferred": YOUNG[1] if is_young else GROWN[1],
                        "groups": "youth" if is_young else "adults",
                    }
                )
    return tables(clubs, facilities, openings, needs)


def rooms(dice: random.Random) -> dict[str, Rows]:
    """Three community rooms through a month, for groups of some heads."""
    sizes = {"salon": "-12", "tea-room": "8-20", "hall": "15-60"}
    month = {"valid from": "2027-09-01", "until": "2027-09-30", "except": "2027-09-15"}
    facilities = [{"id": name, "community": "town", "setup": 30} for name in sizes]
    openings = [
        open_(name, "room", "tue-sat", "17:00-20:30", people=people, **month)
        for name, people in sizes.items()
    ]
    groups: list[dict[str, object]] = [{"id": "town"}]
    needs: list[dict[str, object]] = []
    for quarter in ("tianfeng", "lianqiao", "junmiao", "qinqiao", "elsewhere"):
        for circle in ("choir", "chess", "sewing", "parents", "tai-chi", "readers"):
            group = f"{quarter}-{circle}"
            groups.append({"id": group})
            day = dice.choice(("tue", "wed", "thu", "fri", "tue-fri", "fri,sat"))
            needs.append(
                {
                    "id": f"{group}-evenings",
                    "community": group,
                    "kind": "room",
                    "quantity": 1,
                    "minutes": dice.choice((60, 90, 120, 120)),
                    "times": dice.choice((2, 4, 4, 6)),
                    "windows": f"{day} 17:00-21:00",
                    "groups": "visitors" if quarter == "elsewhere" else "residents",
                    "people": dice.choice((6, 10, 14, 18, 24, 40)),
                }
            )
    return tables(groups, facilities, openings, needs)


def tables(
    communities: Rows, facilities: Rows, openings: Rows, needs: Rows
) -> dict[str, Rows]:
    """Return tables by name."""
    return {
        "communities": communities,
        "facilities": facilities,
        "openings": openings,
        "needs": needs,
    }


def write(folder: Path = HERE, seed: int = 7) -> None:
    """Write each table of each office as CSV."""
    for office in (ice, halls, rooms):
        for name, rows in office(random.Random(seed)).items():  # noqa: S311 (made up)
            path = folder / office.__name__ / f"{name}.csv"
            path.parent.mkdir(exist_ok=True)
            with path.open("w", encoding="utf-8", newline="") as file:
                listed = [*rows]
                writer = csv.DictWriter(file, list(listed[0]), lineterminator="\n")
                writer.writeheader()
                writer.writerows(listed)


if __name__ == "__main__":
    write()
