"""Write the tables of a town's season, made up by a seed: `python build.py`."""

import csv
import random
from pathlib import Path

HERE = Path(__file__).parent
QUARTERS = ("tianfeng", "lianqiao", "junmiao", "qinqiao")
SPORTS = ("handball", "volleyball", "gymnastics", "badminton", "judo", "dance")
EVENING = {"youth": "mon-fri 16:00-20:00", "adults": "mon-fri 18:00-22:00"}
PREFERRED = {"youth": "mon-fri 17:00-19:00", "adults": "mon-thu 19:00-22:00"}
FIRST, LAST = "2027-09-06", "2027-09-12"


def tables(seed: int = 7) -> dict[str, list[dict[str, object]]]:
    """Return the rows of each table: 60 clubs, some 140 trainings, 13 halls."""
    dice = random.Random(seed)  # noqa: S311 (a made-up town)
    halls, openings = [], []
    for number in range(13):
        parts = (3, 3, 3, 2, 2, 2)[number] if number < 6 else 1
        hall = f"hall-{number + 1:02}"
        row = {"id": hall, "community": "town", "parts": ";".join("ABC"[:parts])}
        halls.append(row | {"setup": 15 * (parts > 1), "consent": "standing"})
        openings.append(
            {
                "facility": hall,
                "kinds": "sport" if number < 9 else "room",
                "weekdays": "mon-fri" if number % 3 else "mon-thu",
                "from": dice.choice(("16:00", "17:00")),
                "to": dice.choice(("21:00", "22:00")),
                "valid from": FIRST,
                "until": LAST,
                "step": 30,
                "capacity": parts,
            }
        )
    clubs: list[dict[str, object]] = [{"id": "town", "population": ""}]
    needs: list[dict[str, object]] = []
    asked = 0
    for number in range(60):
        sport = SPORTS[number % len(SPORTS)]
        club = f"{QUARTERS[number % 4]}-{sport}-{number // 12 + 1}"
        teams = min(dice.choice((1, 1, 1, 2, 2)), 150 - asked)
        clubs.append({"id": club, "population": 12 * dice.randint(1, 4) * teams})
        for team in range(teams):
            ages = dice.choice(("youth", "youth", "adults"))
            times = min(dice.choice((1, 2, 2)), 150 - asked)
            asked += times
            needs.append(
                {
                    "id": f"{club}-{'ABC'[team]}",
                    "community": club,
                    "kind": "room" if sport in ("judo", "dance") else "sport",
                    "quantity": 1
                    if sport in ("judo", "dance")
                    else dice.choice((1, 1, 1, 2)),
                    "minutes": dice.choice((60, 90, 90, 90, 120)),
                    "times": times,
                    "windows": EVENING[ages],
                    "preferred": PREFERRED[ages],
                    "groups": ages,
                    "person": f"{club}-coach" if teams > 1 else "",
                }
            )
    return {
        "communities": clubs,
        "facilities": halls,
        "openings": openings,
        "needs": needs,
    }


def write(folder: Path = HERE) -> None:
    """Write each table as CSV."""
    for name, rows in tables().items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


if __name__ == "__main__":
    write()
