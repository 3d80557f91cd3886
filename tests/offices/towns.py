"""Random towns of offices: halls by the hour, bookings, series, heads, money by step.

`OfficeTown` adds to what `tests.tiny` and `tests.tiny_coupled` draw the fields of
openings and of needs that are served in bookings.
"""

# Each feature is one `if`: splitting them would hide what a town may have.
# ruff: noqa: C901

from datetime import datetime, timedelta
from typing import Any

from tests.tiny.records import Fields
from tests.tiny_coupled import CoupledDraw

DAYS = (0, 0, 0, 0, 0, 1, 1, 7, 7, 8)
"""Days after the first, a Friday, on which slots are: a day or a week apart."""

STEPS = (30, 30, 60, 60, 60, 45, 20, 90)
HEADS = ("10-30", "-30", "10-", "-12", "20-20")
CLOCKS = ("9:00-12:00", "17:00-20:00", "18:00-19:30", "22:00-2:00", "0:00-24:00", "")
WEEK = ("fri", "sat", "fri,sat", "fri-mon", "mon-thu", "sat-fri", "mon-sun")
TIMES_OF_DAY = (9, 9, 10, 17)


class OfficeTown(CoupledDraw):
    """One attempt at a random office, some of whose slots are openings."""

    def instance(self) -> Fields:
        """Return the fields of an instance."""
        rng = self.rng
        self.clock_change = self.on("clock", 0.04)
        fields = super().instance()
        self.timed = True
        for row in fields["slots"]:
            self._office_slot(row)
        for row in fields["facilities"]:
            self._office_facility(row)
        for row in fields["needs"]:
            self._office_need(row)
        self._teams()
        for row in fields.get("decisions", ()):
            self._office_decision(row)
        seen: set[Any] = set()
        fields["decisions"] = [
            row
            for row in fields.get("decisions", ())
            if (key := (row["need"], row["slot"], row.get("start"))) not in seen
            and not seen.add(key)  # type: ignore[func-returns-value]
        ]
        rng.shuffle(fields["slots"])
        return fields

    def on(self, feature: str, otherwise: float = 0.12) -> bool:
        """Say whether a feature shows here; towns with openings have fewer others."""
        is_dense = "openings" in self.features
        return super().on(feature, otherwise * (0.4 if is_dense else 1))

    def written(self, when: datetime) -> str:
        """Return a time as text; clocks may change between two Fridays."""
        zone = self.zone
        if self.clock_change:
            zone = "+02:00" if when.day >= 30 else "+01:00"
        return when.isoformat(timespec="minutes") + zone

    def _span(self, hours: int) -> Fields:
        start = self._day() + timedelta(hours=self.rng.choice(TIMES_OF_DAY))
        end = start + timedelta(hours=hours)
        return {"start": self.written(start), "end": self.written(end)}

    def _day(self) -> datetime:
        return datetime(2026, 1, 30) + timedelta(days=self.rng.choice(DAYS))

    # Slots and facilities

    def _office_slot(self, row: Fields) -> None:
        rng = self.rng
        for name in ("start", "end"):
            row.pop(name, None)
        is_opening = self.on("openings", 0.0)
        if is_opening or rng.random() < 0.8:
            late = 23 if rng.random() < 0.08 else rng.choice(TIMES_OF_DAY)
            start = self._day() + timedelta(hours=late, minutes=rng.choice((0, 0, 30)))
            length = timedelta(minutes=rng.choice((60, 60, 90, 120)))
            if is_opening:
                row["step"] = rng.choice(STEPS)
                length = timedelta(minutes=row["step"] * rng.choice((2, 3, 3, 4, 4, 5)))
                row["capacity"] = rng.choice((1, 1, 1, 2, 2, 3))
                if "reserve" in row:
                    row["reserve"] = rng.randint(1, row["capacity"])
                if "min_units" in row:
                    row["min_units"] = rng.randint(1, row["capacity"])
                if rng.random() < 0.15:
                    length += timedelta(minutes=rng.choice((5, 10)))
            row["start"] = self.written(start)
            row["end"] = self._after(row["start"], length)
        if self.on("people", 0.08):
            row["people"] = rng.choice(HEADS)
        if self.on("concessions", 0.06):
            row["fee"] = rng.choice((1, "1.50", 2, 3))
            groups = self.some(("elderly", "disabled", "other"))
            row["concessions"] = {g: rng.choice((0, "0.50", 1, 2, 5)) for g in groups}
        if self.on("costs", 0.08):
            row["unit_cost"] = rng.choice((0, 1, 2, "2.50", 4))
            row["fee"] = row.get("fee", rng.choice((0, 1, 2)))

    def _after(self, start: str, length: timedelta) -> str:
        """Return the end of a slot, in the offset of its start."""
        return (datetime.fromisoformat(start) + length).isoformat(timespec="minutes")

    def _office_facility(self, row: Fields) -> None:
        rng = self.rng
        if self.on("setup", 0.08):
            row["setup"] = rng.choice((10, 30, 30, 60, 100))
        if "closed" in row or self.on("closed", 0.06):
            row["closed"] = [self._window() for _ in range(rng.choice((1, 1, 2)))]
        mine = [s for s in self.fields["slots"] if s["facility"] == row["id"]]
        most = max((s["capacity"] for s in mine if "step" in s), default=0)
        if most and self.on("parts", 0.06):
            row["parts"] = [chr(ord("A") + i) for i in range(most)]
        if self.on("consent", 0.05):
            row["consent"] = "standing"

    def _window(self) -> Any:
        """Return a window, of dates or of weekdays."""
        rng = self.rng
        if not self.on("weekly", 0.3):
            return self._span(hours=rng.choice((1, 2, 3, 24)))
        return f"{rng.choice(WEEK)} {rng.choice(CLOCKS)}".strip()

    # Needs

    def _office_need(self, row: Fields) -> None:
        rng = self.rng
        steps = [s["step"] for s in self.fields["slots"] if "step" in s]
        if (steps and rng.random() < 0.85) or self.on("blocks", 0.0):
            self._booking(row, rng.choice(steps) if steps else 60)
        elif row.get("sessions", 1) > 1 and "every" in row:
            row["every"] = rng.choice((1440, 10080, 10080, 60))
            self._short_series(row)
        if "windows" in row or self.on("windows", 0.08):
            row["windows"] = [self._window() for _ in range(rng.choice((1, 1, 2)))]
        if self.on("preferred", 0.12):
            row["preferred"] = [self._window() for _ in range(rng.choice((1, 2, 2)))]
        if self.on("people", 0.08) and rng.random() < 0.9:
            row["people"] = rng.choice((5, 12, 20, 30, 50))
        if self.on("persons", 0.06):
            row["person"] = rng.choice(("li-x", "li-x", "wang-y"))
        if self.on("rest", 0.05):
            row["rest"] = rng.choice((15, 30, 30, 60, 300))
        if self.on("concessions", 0.05):
            row["groups"] = self.some(("elderly", "disabled"))
            if rng.random() < 0.5:
                row["max_fee"] = rng.choice((0, 1, "1.50", 3, 5))

    def _booking(self, row: Fields, step: int) -> None:
        """Make a need one of bookings."""
        rng = self.rng
        for name in ("whole", "min_quantity", "every", "sessions"):
            row.pop(name, None)
        row["minutes"] = step * rng.choice((1, 1, 1, 2, 2, 2, 3))
        if rng.random() < 0.1:
            row["minutes"] = rng.choice((30, 45, 60, 90))
        row["quantity"] = rng.choice((0, *(1,) * 14, *(2,) * 5))
        if self.on("times", 0.25):
            row["times"] = rng.choice((2, 2, 3))
            if rng.random() < 0.5:
                row["per_day"] = rng.choice((1, 2, 2, 3))
        if self.on("series", 0.1):
            row["sessions"] = rng.choice((2, 2, 3))
            if rng.random() < 0.7:
                rhythms = (1440, 10080, 10080, max(60, row["minutes"]))
                row["every"] = rng.choice(rhythms)
                self._short_series(row)

    def _short_series(self, row: Fields) -> None:
        if self.on("short", 0.4):
            row["min_sessions"] = self.rng.randint(1, row["sessions"])

    def _teams(self) -> None:
        """Give all members of a team what they must have in common."""
        first: dict[str, Fields] = {}
        for row in self.fields["needs"]:
            label = row.get("together")
            if label is None:
                continue
            one = first.setdefault(label, row)
            names = ("minutes", "times", "sessions", "every", "min_sessions", "per_day")
            for name in names:
                row.pop(name, None) if row is not one else None
                if name in one:
                    row[name] = one[name]
            if "minutes" in one or one.get("sessions", 1) > 1:
                row.pop("whole", None)
                row.pop("min_quantity", None)

    # Decisions

    def _office_decision(self, row: Fields) -> None:
        """Say which booking a decision means."""
        rng = self.rng
        slot = next(s for s in self.fields["slots"] if s["id"] == row["slot"])
        if "step" not in slot:
            return
        need = next(n for n in self.fields["needs"] if n["id"] == row["need"])
        stays = row["status"] in ("pinned", "accepted")
        if "minutes" in need and stays:
            row.pop("quantity", None)
        if stays or rng.random() < 0.6:
            row["start"] = self.start_in(slot)

    def start_in(self, slot: Fields) -> str:
        """Return a start on the raster of an opening."""
        start = datetime.fromisoformat(slot["start"])
        step = timedelta(minutes=slot["step"])
        count = (datetime.fromisoformat(slot["end"]) - start) // step
        at = start + self.rng.randrange(count) * step
        return at.isoformat(timespec="minutes")

    def baseline(self) -> list[Fields] | None:
        """Return an earlier plan, if any rule or goal asks what has moved."""
        rows = super().baseline()
        slots = {s["id"]: s for s in self.fields["slots"]}
        needs = {n["id"]: n for n in self.fields["needs"]}
        for row in rows or ():
            slot, need = slots[row["slot"]], needs[row["need"]]
            if "minutes" in need and self.rng.random() < 0.8:
                row["quantity"] = max(1, need["quantity"])
            if "step" in slot:
                row["start"] = self.start_in(slot)
                length = timedelta(minutes=need.get("minutes", slot["step"]))
                row["end"] = self._after(row["start"], length)
        return rows
