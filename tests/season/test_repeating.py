"""A week plan through a season: dated bookings, days off, and calendars of them.

What calendars say is read by icalendar and by dateutil's rules, which know nothing of
this library; what they must say is counted day by day.
"""

import csv
import json
import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
from dateutil.rrule import rruleset, rrulestr

import sharematch as sm
from sharematch import io
from sharematch.cli import main
from sharematch.errors import InputError
from sharematch.season import DayOff, repeat
from tests.halls import PLAN, halls

DAY = timedelta(days=1)
Held = tuple[str, str, datetime, datetime]
"""What, where, from when to when: all with an offset, or none."""


def read(folder: Path, *, by: str = "facility") -> list[Held]:
    """Return all events of calendars on all their dates, as other programs see them."""
    found = []
    for path in sorted(folder.glob(f"{by}-*.ics")):
        calendar = icalendar.Calendar.from_ical(path.read_bytes())
        uids = [str(event["uid"]) for event in calendar.walk("VEVENT")]
        assert len({*uids}) == len(uids)
        for event in calendar.walk("VEVENT"):
            length = event.decoded("dtend") - event.decoded("dtstart")
            for start in dates(event):
                end = start + length
                found.append(
                    (str(event["summary"]), str(event["location"]), start, end)
                )
    return sorted(found)


def dates(event: Any) -> Iterator[datetime]:
    """Yield when an event takes place."""
    start = event.decoded("dtstart")
    if "RRULE" not in event:
        assert "EXDATE" not in event
        yield start
        return
    rules: Any = rruleset()
    rules.rrule(rrulestr(event["RRULE"].to_ical().decode(), dtstart=start))
    without = {moment.dt for moment in getattr(event.get("EXDATE"), "dts", ())}
    every = [*rules]
    # Neither the first date nor the last: those that fall out there are none at all.
    assert without <= {*every[1:-1]}
    for moment in without:
        rules.exdate(moment)
    yield from rules


def by_hand(
    town: sm.Instance,
    plan: sm.Allocation,
    *,
    first: date,
    last: date,
    off: list[DayOff],
    zone: str | None,
) -> list[Held]:
    """Return what is held, each day of the season looked at for itself."""
    slots = {slot.id: slot for slot in town.slots}
    needs = {need.id: need for need in town.needs}
    every = [slot.start.date() for slot in town.slots if slot.start]
    mondays = [day - day.weekday() * DAY for day in (min(every), max(every))]
    period = (mondays[1] - mondays[0]).days + 7
    clock = ZoneInfo(zone) if zone else None
    found = []
    for number in range((last - first).days + 1):
        day = first + number * DAY
        for one in plan:
            slot = slots[one.slot]
            begin, end = one.start or slot.start, one.end or slot.end
            assert begin
            assert end
            if clock and begin.tzinfo:
                begin, end = begin.astimezone(clock), end.astimezone(clock)
            elif clock:
                begin, end = (t.replace(tzinfo=clock) for t in (begin, end))
            if (day - begin.date()).days % period:
                continue
            if any(
                pause.first <= day <= pause.last
                and pause.facility in ("", slot.facility)
                for pause in off
            ):
                continue
            later = day - begin.date()
            start, stop = begin + later, end + later
            (host,) = (f for f in town.facilities if f.id == slot.facility)
            closed = [
                [t.replace(tzinfo=t.tzinfo or clock) for t in (w.start, w.end)]
                for w in host.closed
                if not isinstance(w, str)
            ]
            if any(a < stop and start < b for a, b in closed):
                continue
            what = f"x: {needs[one.need].community} × {one.quantity}"
            found.append((what, host.name or host.id, start, stop))
    return sorted(found)


def made_up(seed: int) -> dict[str, Any]:
    """Return a plan of one to three weeks, a season and its days off, by lots."""
    dice = random.Random(seed)
    offset = dice.choice(["", "+08:00", "+02:00"])
    zone = dice.choice([None, "Europe/Berlin", "Asia/Shanghai"])
    monday = datetime(2027, 9, 6)
    weeks = dice.choice([1, 1, 2, 3])

    def time(when: datetime) -> str:
        return f"{when:%Y-%m-%dT%H:%M}{offset}"

    def evening(week: int) -> datetime:
        return monday + timedelta(days=7 * week + dice.randrange(7), hours=17)

    slots, rows = [], []
    for number in range(dice.randint(weeks, 6)):
        start = evening(min(number, weeks - 1) if number < weeks else 0)
        step = dice.choice([None, 30])
        end = start + timedelta(hours=dice.choice([2, 5, 9]))
        slots.append(
            sm.Slot(
                id=f"s{number}",
                facility=dice.choice(["hall", "gym"]),
                kinds=["x"],
                capacity=2,
                start=time(start),
                end=time(end),
                step=step,
            )
        )
        begin = start + timedelta(minutes=dice.choice([0, 30]))
        own = {"start": time(begin), "end": time(begin + timedelta(minutes=90))}
        row = {"slot": f"s{number}", "need": f"n{number}", "quantity": 1}
        rows.append({**row, **(own if step else {})})
    first = (monday + timedelta(days=dice.randint(-30, 30))).date()
    last = first + timedelta(days=dice.choice([0, 5, 40, 250]))
    off = [
        DayOff(day, day + dice.choice([0, 0, 6, 13]) * DAY, "off", facility)
        for day in (first + dice.randrange(200) * DAY for _ in range(5))
        for facility in [dice.choice(["", "", "hall"])]
    ]
    closed = [
        {"start": time(noon), "end": time(noon + timedelta(hours=dice.choice([5, 30])))}
        for noon in (
            datetime(first.year, first.month, first.day, 12)
            + timedelta(days=dice.randrange(100))
            for _ in range(2)
        )
    ]
    town = sm.Instance(
        communities=[sm.Community(id="tianfeng"), sm.Community(id="junmiao")],
        facilities=[
            sm.Facility(id="hall", name="School hall", community="tianfeng"),
            sm.Facility(
                id="gym", community="junmiao", closed=[*closed, "sun 3:00-4:00"]
            ),
        ],
        slots=slots,
        needs=[
            sm.Need(
                id=f"n{number}",
                community=dice.choice(["tianfeng", "junmiao"]),
                kind="x",
                minutes=90 if "start" in row else None,
            )
            for number, row in enumerate(rows)
        ],
    )
    plan = sm.Allocation(rows)
    season = {"first": first, "last": last, "off": off, "zone": zone}
    return {"town": town, "plan": plan, **season}


def test_calendars_of_a_season_say_what_is_held_day_by_day(tmp_path: Path):
    held = Counter[str]()
    for seed in range(24):
        case = made_up(seed)
        town, plan = case.pop("town"), case.pop("plan")
        expected = by_hand(town, plan, **case)
        season = repeat(plan, instance=town, **case)
        folder = tmp_path / str(seed)
        io.write_calendars(town, plan, folder, season=season)
        # A fixed offset is written in UTC.
        assert read(folder) == expected
        assert len(read(folder, by="community")) == len(expected)
        assert sorted((b.start, b.end) for b in season.bookings) == sorted(
            span[2:] for span in expected
        )
        whole = by_hand(open_always(town), plan, **{**case, "off": []})
        gone = [(m.booking.start, m.booking.end) for m in season.missing]
        assert sorted(gone) == sorted(
            (
                Counter(s[2:] for s in whole) - Counter(s[2:] for s in expected)
            ).elements()
        )
        with (folder / "not_held.csv").open(encoding="utf-8", newline="") as file:
            rows = [*csv.DictReader(file)]
        assert [row["start"][:16] for row in rows] == [
            f"{m.booking.start:%Y-%m-%dT%H:%M}" for m in season.missing
        ]
        held.update(("held",) * len(expected) + ("gone",) * len(gone))
    assert held["held"] > 300
    assert held["gone"] > 30


def open_always(town: sm.Instance) -> sm.Instance:
    hosts = [f.model_copy(update={"closed": ()}) for f in town.facilities]
    opened: sm.Instance = town.model_copy(update={"facilities": hosts})
    return opened


def test_a_fortnight_is_repeated_as_one():
    season = repeat(PLAN, "2027-10-10", instance=halls())
    assert season.weeks == 2
    assert season.first == date(2027, 9, 7)
    gym = [b.start for b in season.bookings if b.facility == "gym"]
    assert [f"{start:%d %b}" for start in gym] == [
        *("07 Sep", "14 Sep", "21 Sep", "28 Sep", "05 Oct")
    ]
    hall = {f"{b.start:%d %b}" for b in season.bookings if b.facility == "hall"}
    assert hall == {"07 Sep", "09 Sep", "21 Sep", "23 Sep", "05 Oct", "07 Oct"}


def test_the_clock_of_a_zone_is_kept_over_its_change(tmp_path: Path):
    season = repeat(PLAN, "2027-11-30", zone="Europe/Berlin", instance=halls())
    io.write_calendars(halls(), PLAN, tmp_path / "plan", season=season)
    text = (tmp_path / "plan/facility-hall.ics").read_text("utf-8")
    assert "BEGIN:VTIMEZONE" in text
    assert "DTSTART;TZID=Europe/Berlin:20270907T173000" in text
    moments = {s for _, where, s, _ in read(tmp_path / "plan") if where != "gym"}
    assert {m.astimezone(UTC).hour for m in moments if m.hour == 17} == {15, 16}
    for event in icalendar.Calendar.from_ical(text).walk("VEVENT"):
        told = str(event["description"])  # without a date: it has many
        assert told.startswith("School hall, part")
        assert "Sep" not in told


def test_one_offset_for_a_whole_season_is_told(tmp_path: Path):
    town = sm.Instance(
        communities=[sm.Community(id="tianfeng")],
        facilities=[sm.Facility(id="hall", community="tianfeng")],
        slots=[
            sm.Slot(
                id="s",
                facility="hall",
                kinds=["x"],
                capacity=1,
                start="2027-09-06T17:00+02:00",
                end="2027-09-06T18:00+02:00",
            )
        ],
        needs=[sm.Need(id="n", community="tianfeng", kind="x")],
    )
    plan = sm.Allocation([("s", "n", 1)])
    for zone, told in ((None, ["assumed"]), ("Europe/Berlin", [])):
        season = repeat(plan, "2027-12-31", zone=zone, instance=town)
        folder = tmp_path / ("named" if zone else "none")
        notes = io.write_calendars(town, plan, folder, season=season)
        assert [note.code for note in notes] == told


def test_what_cannot_be_a_season():
    with pytest.raises(sm.SharematchError, match="plan is without its instance"):
        repeat(PLAN, "2027-10-10")
    with pytest.raises(sm.SharematchError, match="last 2027-09-01: must be a day"):
        repeat(PLAN, "2027-09-01", instance=halls())
    with pytest.raises(sm.SharematchError, match="first soon: must be a date"):
        repeat(PLAN, "2027-10-10", first="soon", instance=halls())
    with pytest.raises(sm.SharematchError, match="zone Town: is no time zone"):
        repeat(PLAN, "2027-10-10", zone="Town", instance=halls())
    off = [DayOff(date(2027, 9, 7), date(2027, 9, 7), "", "barn")]
    with pytest.raises(sm.SharematchError, match="facility barn: is not known"):
        repeat(PLAN, "2027-10-10", off=off, instance=halls())


def test_days_off_of_a_table(tmp_path: Path):
    table = tmp_path / "off.csv"
    table.write_text(
        "date,facility,reason\n# autumn\n2027-10-04/2027-10-10,,holidays\n\n"
        "2027-10-12,hall,\n"
    )
    assert io.read_days_off(table) == (
        DayOff(date(2027, 10, 4), date(2027, 10, 10), "holidays"),
        DayOff(date(2027, 10, 12), date(2027, 10, 12), "", "hall"),
    )
    table.write_text("2027-10-04\n2027-10-11,a day\n4.10.2027,wrong\nsoon,wrong\n")
    with pytest.raises(InputError) as caught:
        io.read_days_off(table)
    sources = [str(problem.source) for problem in caught.value.problems]
    assert [source.rpartition(" ")[2] for source in sources] == ["3", "4"]
    with pytest.raises(sm.SharematchError, match=r"gone\.csv"):
        io.read_days_off(tmp_path / "gone.csv")


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as end:
        main(words)
    printed = capsys.readouterr()
    assert isinstance(end.value.code, int)
    return end.value.code, printed.out, printed.err


def test_a_season_from_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(tmp_path)
    io.write_instance(halls(), "town.json")
    result = sm.solve(halls(), sm.Policy.efficient())
    io.write_result(result, "plan.json")
    Path("off.csv").write_text("date,reason\n2027-09-21,election\n")
    asked = ("report", "town.json", "plan.json", "--out", "plan.html")
    season = ("--last", "2027-10-10", "--except", "off.csv")
    more = ("--except", "2027-10-04/2027-10-06")
    code, printed, _ = run(capsys, *asked, "--calendars", "ics", *season, *more)
    assert code == 0
    assert "Every 2 weeks from 2027-09-07 to 2027-10-10: " in printed
    assert "2027-09-21  election" in printed
    assert "2027-10-05  a day off" in printed
    code, printed, _ = run(
        *(capsys, *asked, "--calendars", "again", *season, "--json", "--lang", "zh")
    )
    found = json.loads(printed)
    assert found["calendars"] == "again"
    assert found["season"]["bookings"] == len(read(Path("again")))
    assert {one["reason"] for one in found["season"]["not_held"]} == {"election"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--last", "2027-10-10"), "goes with --calendars"),
        (("--calendars", "ics", "--except", "off.csv"), "goes with --last"),
        (("--calendars", "ics", "--last", "10.10.2027"), "must be a date"),
        (
            ("--calendars", "ics", "--last", "2027-10-10", "--except", "soon"),
            "--except soon: must be a date",
        ),
    ],
)
def test_options_that_do_not_fit(
    words: tuple[str, ...],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    monkeypatch.chdir(tmp_path)
    io.write_instance(halls(), "town.json")
    io.write_result(sm.solve(halls(), sm.Policy.efficient()), "plan.json")
    asked = ("report", "town.json", "plan.json", "--out", "plan.html")
    code, _, told = run(capsys, *asked, *words)
    assert code in (1, 2)
    assert message in told
    assert not Path("ics").exists()
