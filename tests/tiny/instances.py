"""Random instances, field by field."""

# Each feature is one `if`: splitting them would hide what a case may have.
# ruff: noqa: C901

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from tests.tiny.records import DEFAULTS, Fields

MONEY = (0, 0, 1, "0.50", 1.5, "2.25")
LENGTHS = (0.5, 1, "1.5", 2, 3)
KINDS = ("help", "health", "health/clinic", "health/clinic/eye")
SECTORS = ("public", "host", "volunteer", "market")
FIRST_DAY = datetime(2026, 1, 30)


class Town:
    """One attempt at a random instance with some features."""

    def __init__(self, rng: random.Random, features: frozenset[str]) -> None:
        self.rng = rng
        self.features = features
        self.fields: Fields = {}

    def on(self, feature: str, otherwise: float = 0.12) -> bool:
        """Say whether a feature shows here: often in its profile, else seldom."""
        return self.rng.random() < (0.85 if feature in self.features else otherwise)

    def ids(self, collection: str) -> list[str]:
        """Return the ids of one collection."""
        return [row["id"] for row in self.fields.get(collection, ())]

    def some(self, values: Sequence[Any]) -> list[Any]:
        """Return one or more different values."""
        return self.rng.sample(values, self.rng.randint(1, len(values)))

    def instance(self) -> Fields:
        """Return the fields of an instance."""
        rng = self.rng
        self.zone = "+08:00" if rng.random() < 0.2 else ""
        self.timed = self.on("timed", 0.2)
        self.kinds = KINDS if self.on("kinds") else ("help",)
        self.fields["name"] = "tiny"
        if self.on("areas", 0.25):
            self.fields["areas"] = self._areas()
        self.fields["communities"] = [
            self._community(f"c{i}") for i in range(rng.choice((1, 2, 2, 3, 3, 3, 4)))
        ]
        if self.on("providers", 0.2):
            self.fields["providers"] = [
                {"id": f"p{i}", "sector": rng.choice(SECTORS)} for i in range(2)
            ]
        self.fields["facilities"] = [
            self._facility(f"f{i}") for i in range(rng.choice((1, 2, 2, 3)))
        ]
        self.fields["slots"] = [
            self._slot(f"s{i}") for i in range(rng.choice((1, 2, 2, 3, 3, 4)))
        ]
        self.fields["needs"] = [
            self._need(f"n{i}") for i in range(rng.choice((2, 3, 3, 4, 4, 5)))
        ]
        self._travel()
        self._extras()
        for name, rows in self.fields.items():
            if name in DEFAULTS:
                rng.shuffle(rows)
        return self.fields

    def _areas(self) -> list[Fields]:
        lower = [{"id": f"a{i}", "level": "subdistrict"} for i in range(2)]
        if not self.on("district", 0.5):
            return lower
        upper = [{"id": f"d{i}", "level": "district"} for i in range(2)]
        for i, area in enumerate(lower):
            if i == 0 or self.rng.random() < 0.9:
                area["parent"] = self.rng.choice(("d0", "d0", "d1"))
        return upper + lower

    def _community(self, name: str) -> Fields:
        rng = self.rng
        row: Fields = {"id": name}
        if "areas" in self.fields and rng.random() < 0.9:
            row["area"] = rng.choice(("a0", "a1"))
        if rng.random() < 0.4:
            row["tags"] = ["old"]
        if self.on("entitlement", 0.4):
            row["population"] = rng.choice((0, 1, 2, 3, 500))
            row["entitlement"] = rng.choice((1, 2, "1.5", 0.25))
        return row

    def _share(self) -> Any:
        if "areas" not in self.fields:
            return self.rng.choice(("own", 0, 1))
        levels = sorted({area["level"] for area in self.fields["areas"]})
        return self.rng.choice(("own", 1, *levels))

    def _facility(self, name: str) -> Fields:
        rng = self.rng
        row: Fields = {"id": name, "community": rng.choice(self.ids("communities"))}
        if self.ids("providers") and rng.random() < 0.85:
            row["provider"] = rng.choice(self.ids("providers"))
        if rng.random() < 0.6:
            row["features"] = ["step-free", "lift"][: rng.choice((1, 1, 2))]
        if self.timed and self.on("closed"):
            row["closed"] = [self._span(hours=rng.choice((3, 24, 48)))]
        if self.on("max_units"):
            row["max_units"] = rng.randint(1, 4)
        if self.on("share"):
            row["share"] = self._share()
        return row

    def _span(self, hours: int) -> Fields:
        start = FIRST_DAY + timedelta(
            days=self.rng.choice((0, 1, 2, 3, 4)), hours=self.rng.choice((9, 10, 14))
        )
        end = start + timedelta(hours=hours)
        return {
            "start": start.isoformat(timespec="minutes") + self.zone,
            "end": end.isoformat(timespec="minutes") + self.zone,
        }

    def _slot(self, name: str) -> Fields:
        rng = self.rng
        row: Fields = {
            "id": name,
            "facility": rng.choice(self.ids("facilities")),
            "kinds": self.some(self.kinds),
            "capacity": rng.choice((0, 1, 1, 2, 2, 3, 4)),
        }
        if self.timed and rng.random() < 0.85:
            row |= self._span(hours=rng.choice((1, 1, 2, 3)))
        if self.on("reserve") and row["capacity"]:
            row["reserve"] = rng.randint(1, row["capacity"])
        if self.on("money", 0.2):
            row["fee"] = rng.choice(MONEY)
            row["unit_cost"] = rng.choice(MONEY)
            if self.on("parity", 0.5):
                row["staff_fee"] = rng.choice(MONEY)
        if self.on("share"):
            row["share"] = self._share()
        if self.on("groups") and rng.random() < 0.5:
            row["groups"] = self.some(("elderly", "disabled"))
        if self.on("radius", 0.06) and rng.random() < 0.6:
            row["radius"] = rng.choice(LENGTHS)
        return row

    def _need(self, name: str) -> Fields:
        rng = self.rng
        homes = self.ids("communities")
        spread = homes[int(name[1:]) % len(homes)]
        home = spread if rng.random() < 0.6 else rng.choice(homes)
        kind = rng.choice(self.kinds)
        row: Fields = {"id": name, "community": home, "kind": kind}
        row["quantity"] = rng.choice((1, 1, 1, 2, 2, 3))
        if rng.random() < 0.03:
            row["quantity"] = 0
        if self.on("groups", 0.25):
            row["groups"] = [rng.choice(("elderly", "disabled"))]
            if rng.random() < 0.1:
                row["groups"] = ["elderly", "disabled"]
        if self.on("weights", 0.2):
            row["weight"] = rng.choice((1, 2, 3))
        if self.timed and self.on("windows", 0.2) and rng.random() < 0.6:
            row["windows"] = [
                self._span(hours=rng.choice((2, 24, 48, 72)))
                for _ in range(rng.choice((1, 2)))
            ]
        if self.on("fee_cap"):
            row["max_fee"] = rng.choice(MONEY[2:])
        if self.on("features") and rng.random() < 0.5:
            row["requires"] = self.some(("step-free", "lift"))
        if self.on("choices") and rng.random() < 0.7:
            row["choices"] = self.some(self.ids("slots") + self.ids("facilities"))
        if self.on("dates"):
            first = FIRST_DAY.date() + timedelta(days=rng.randint(-3, 2))
            row["since"] = first.isoformat()
            row["due"] = (first + timedelta(days=rng.randint(0, 4))).isoformat()
        if self.on("persons", 0.08) and rng.random() < 0.8:
            row["person"] = f"{home}-{rng.choice('xy')}"
        return row

    def _travel(self) -> None:
        rng, fields = self.rng, self.fields
        links, minutes = self.on("links"), self.on("minutes", 0.1)
        plane, geo = self.on("plane"), self.on("geo")
        if minutes:
            fields["travel"] = {"unit": "min", "speed": rng.choice((4, 5, "4.5"))}
        if plane or geo:
            settings = fields.setdefault("travel", {})
            settings["metric"] = "plane" if plane else "geo"
            settings["detour"] = rng.choice((1, 1.3, "1.25"))
            for name, chance in (
                ("communities", 1),
                ("facilities", 0.5),
                ("needs", 0.2),
            ):
                for row in fields[name]:
                    if rng.random() < chance * rng.choice((0.5, 1, 1)):
                        row["location"] = self._location(plane=plane)
        if links:
            ends = self.ids("communities") + self.ids("facilities")
            pairs = [(a, b) for a in ends for b in ends if a < b]
            fields["links"] = [
                self._link(a, b) for a, b in rng.sample(pairs, min(len(pairs), 5))
            ]
        if links or plane or geo:
            for row in fields["needs"]:
                if self.on("max_travel") and rng.random() < 0.6:
                    row["max_travel"] = rng.choice(LENGTHS)

    def _location(self, *, plane: bool) -> list[float]:
        steps = [self.rng.randint(0, 8) for _ in range(2)]
        if plane:
            return [step / 4 for step in steps]
        return [121.5 + steps[0] / 400, 29.8 + steps[1] / 400]

    def _link(self, source: str, target: str) -> Fields:
        row: Fields = {"source": source, "target": target}
        row["travel"] = self.rng.choice(("0.3", 0.5, 1, 1.25, 2))
        if self.on("one_way", 0.1):
            row["two_way"] = False
            if self.rng.random() < 0.5:
                row["source"], row["target"] = target, source
        return row

    def _extras(self) -> None:
        rng, fields = self.rng, self.fields
        if self.on("past"):
            people = sorted({n["person"] for n in fields["needs"] if "person" in n})
            rows = [("community", c) for c in self.ids("communities")]
            rows += [("person", p) for p in people]
            fields["past"] = []
            for key, value in rows:
                if rng.random() < 0.7:
                    asked = rng.randint(0, 6)
                    served = rng.randint(0, asked)
                    row = {key: value, "served": served, "demand": asked}
                    fields["past"].append(row)
        pairs = [(n["id"], s) for n in fields["needs"] for s in self.ids("slots")]
        if self.on("decisions"):
            fields["decisions"] = []
            for need, slot in rng.sample(pairs, min(len(pairs), rng.randint(1, 3))):
                row = {"need": need, "slot": slot}
                row["status"] = rng.choice(
                    ("pinned", "accepted", "accepted", "declined", "forbidden")
                )
                if rng.random() < 0.7:
                    row["quantity"] = rng.choice((0, 1, 1, 2))
                fields["decisions"].append(row)
        if self.on("money", 0.05):
            fields["pairs"] = [
                {"need": need, "slot": slot, "cost": rng.choice(MONEY)}
                for need, slot in rng.sample(pairs, min(len(pairs), 3))
            ]
