"""Hypothesis strategies: instances and policies, valid by construction, small first."""

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

import sharematch as sm
from sharematch.model.measures import MEASURES
from sharematch.model.vocabulary import GROUPS, group_side

GOAL_MEASURES = [name for name, each in MEASURES.items() if not each.only_in_rules]
PLAIN = st.text("abxyz019-_.é中", min_size=1, max_size=4)
"""Text that can stand anywhere, also in a cell of a table."""

ANY_TEXT = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=6
)

KINDS = st.sampled_from(["health", "health/clinic", "health/check", "sport", "a b/中"])
GROUP_LABELS = st.sampled_from(["elderly", "disabled", "migrant"])
FEATURES = st.sampled_from(["step-free", "quiet", "warm water"])
UNITS = st.integers(0, 9) | st.integers(0, 10**12)
MONEY = st.decimals(0, 10**6, places=2) | st.sampled_from([Decimal(10**12), Decimal()])
LENGTHS = st.decimals(0, 10**6, places=3) | st.decimals(0, 10**12, places=9)
SPEEDS = st.decimals(1, 100, places=1)


def optional(values: SearchStrategy[Any]) -> SearchStrategy[Any]:
    return st.none() | values


def subsets(values: SearchStrategy[Any]) -> SearchStrategy[Any]:
    return st.frozensets(values, max_size=3)


WEEKLY = st.sampled_from(
    ["tue", "fri-mon", "mon-fri 16:00-20:00", "sat,sun 9:00-13:00", "fri 22:00-2:00"]
)
HEADS = st.sampled_from(["10-30", "-30", "10-", "7-7"])


@st.composite
def instances(
    draw: DrawFn, text: SearchStrategy[str] = PLAIN, *, bookings: bool = True
) -> sm.Instance:
    """Return an instance with a few records of every type, all fields in use.

    Without `bookings`, nothing is booked for a length of time.
    """
    return _Town(draw, text, bookings=bookings and draw(st.booleans())).instance()


class _Town:
    """Draws records in the order in which they refer to each other."""

    def __init__(
        self, draw: DrawFn, text: SearchStrategy[str], *, bookings: bool
    ) -> None:
        self.draw = draw
        self.text = text
        self.bookings = bookings
        self.is_plane = draw(st.booleans())
        self.is_aware = draw(st.booleans())
        self.sessions = draw(st.lists(st.integers(1, 3), min_size=2, max_size=2))

    def instance(self) -> sm.Instance:
        draw = self.draw
        areas: list[Any] = self.areas()
        lowest = [area.id for area in areas if area.level == "subdistrict"]
        communities = [
            sm.Community(
                id=name,
                name=draw(optional(self.text)),
                area=self.one_of(lowest),
                location=self.location(),
                population=draw(optional(UNITS)),
                tags=draw(subsets(self.text)),
                entitlement=draw(optional(LENGTHS)),
            )
            for name in self.ids("c")
        ]
        homes = [community.id for community in communities]
        providers = [
            sm.Provider(
                id=name,
                name=draw(optional(self.text)),
                sector=draw(st.sampled_from(["public", "host", "volunteer", "market"])),
                community=self.one_of(homes),
            )
            for name in self.ids("p")
        ]
        shares: list[Any] = [0, "own", 1]
        if areas:
            shares += ["subdistrict"]
        if any(area.level == "district" for area in areas):
            shares += ["district", 2]
        facilities = self.facilities(homes, [p.id for p in providers], shares)
        slots = self.slots([f.id for f in facilities], shares)
        needs = self.needs(homes, [*(f.id for f in facilities), *(s.id for s in slots)])
        travel = self.travel()
        joins = st.tuples(
            st.sampled_from([n.id for n in needs] or [""]),
            st.sampled_from([s.id for s in slots] or [""]),
        )
        pairs = st.lists(joins, unique=True, max_size=3)
        return sm.Instance(
            name=draw(st.just("") | self.text),
            currency=draw(st.sampled_from(["", "CNY", "元"])),
            travel=travel,
            areas=draw(st.permutations(areas)),
            communities=draw(st.permutations(communities)),
            providers=providers,
            facilities=facilities,
            slots=slots,
            needs=needs,
            pairs=[
                sm.Pair(
                    need=need,
                    slot=slot,
                    cost=draw(MONEY),
                    units=draw(st.integers(1, 3)),
                )
                for need, slot in draw(pairs if needs and slots else st.just([]))
            ],
            links=self.links([*homes, *(f.id for f in facilities)]),
            past=self.past(homes),
            decisions=[
                sm.Decision(
                    need=need,
                    slot=slot,
                    status=draw(
                        st.sampled_from(["pinned", "accepted", "declined", "forbidden"])
                    ),
                    quantity=draw(optional(UNITS)),
                    start=self.start(next(s for s in slots if s.id == slot)),
                )
                for need, slot in draw(pairs if needs and slots else st.just([]))
            ],
        )

    def ids(self, prefix: str) -> list[str]:
        names = self.draw(st.lists(self.text, unique=True, max_size=3))
        return [prefix + name for name in names]

    def one_of(self, ids: list[str]) -> str | None:
        return self.draw(optional(st.sampled_from(ids))) if ids else None

    def location(self) -> tuple[float, float] | None:
        most = (1000, 1000) if self.is_plane else (180, 90)
        points = st.tuples(*(st.floats(-m, m, allow_subnormal=False) for m in most))
        near = points.map(lambda point: (round(point[0], 6), round(point[1], 6)))
        location: tuple[float, float] | None = self.draw(optional(near))
        return location

    def time(self) -> datetime:
        minutes = self.draw(st.integers(0, 60 * 24 * 40))
        zone = None
        if self.is_aware:
            hours = st.sampled_from([8, 0, -3.5])
            zone = timezone(timedelta(hours=self.draw(hours)))
        return datetime(2026, 1, 30, tzinfo=zone) + timedelta(minutes=minutes)

    def start(self, slot: sm.Slot) -> datetime | None:
        """Return a start of a booking in a slot, None in what is no opening."""
        if slot.step is None or slot.start is None or slot.end is None:
            return None
        last = (slot.end - slot.start - timedelta(minutes=1)) / timedelta(minutes=1)
        nth = self.draw(st.integers(0, int(last) // slot.step))
        return slot.start + timedelta(minutes=nth * slot.step)

    def hours(self) -> list[Any]:
        """Return windows, of dates and of weeks."""
        return [*self.windows(), *self.draw(st.lists(WEEKLY, max_size=2, unique=True))]

    def windows(self) -> list[tuple[datetime, datetime]]:
        length = st.integers(0, 10_000).map(lambda minutes: timedelta(minutes=minutes))
        starts = [self.time() for _ in range(self.draw(st.integers(0, 2)))]
        return [(start, start + self.draw(length)) for start in starts]

    def areas(self) -> list[sm.Area]:
        lower = self.ids("a")
        if not lower:
            return []
        upper = [f"d{name}" for name in lower[:1] if self.draw(st.booleans())]
        return [
            *(sm.Area(id=name, level="district") for name in upper),
            *(
                sm.Area(
                    id=name, level="subdistrict", parent=upper[0] if upper else None
                )
                for name in lower
            ),
        ]

    def facilities(
        self, homes: list[str], providers: list[str], shares: list[Any]
    ) -> list[sm.Facility]:
        draw = self.draw
        return [
            sm.Facility(
                id=name,
                community=draw(st.sampled_from(homes)),
                provider=self.one_of(providers),
                location=self.location(),
                features=draw(subsets(FEATURES)),
                closed=self.hours(),
                max_units=draw(optional(UNITS)),
                share=draw(optional(st.sampled_from(shares))),
                opening_cost=draw(MONEY),
                name=draw(optional(self.text)),
                setup=draw(st.sampled_from([0, 15])) if self.bookings else 0,
                consent=draw(st.sampled_from(["ask", "standing"])),
                parts=("a part", "b") if self.bookings else (),
            )
            for name in (self.ids("f") if homes else [])
        ]

    def slots(self, facilities: list[str], shares: list[Any]) -> list[sm.Slot]:
        draw = self.draw
        slots = []
        for name in self.ids("s") if facilities else []:
            start, end = next(iter(self.windows()), (None, None))
            capacity = draw(UNITS)
            booked: dict[str, Any] = {}
            if (
                self.bookings
                and start is not None
                and end is not None
                and start < end
                and draw(st.booleans())
            ):
                capacity = 2  # the parts of facilities are two
                booked = {"step": draw(st.sampled_from([1, 15, 60]))}
            if self.bookings:
                groups = st.dictionaries(GROUP_LABELS | self.text, MONEY, max_size=2)
                booked |= {
                    "people": draw(optional(HEADS)),
                    "concessions": draw(groups),
                }
            slots.append(
                sm.Slot(
                    id=name,
                    facility=draw(st.sampled_from(facilities)),
                    kinds=draw(st.frozensets(KINDS, min_size=1, max_size=2)),
                    capacity=capacity,
                    start=start,
                    end=end,
                    reserve=draw(st.integers(0, capacity)),
                    fee=draw(MONEY),
                    staff_fee=draw(optional(MONEY)),
                    unit_cost=draw(MONEY),
                    opening_cost=draw(MONEY),
                    min_units=draw(st.integers(0, capacity)),
                    either=draw(optional(self.text)),
                    share=draw(optional(st.sampled_from(shares))),
                    groups=draw(subsets(GROUP_LABELS)),
                    radius=draw(optional(LENGTHS)),
                    name=draw(optional(self.text)),
                    **booked,
                )
            )
        return slots

    def needs(self, homes: list[str], places: list[str]) -> list[sm.Need]:
        draw = self.draw
        needs = []
        for name in self.ids("n") if homes else []:
            quantity = draw(UNITS)
            label = draw(optional(st.integers(0, 1)))
            sessions = draw(st.integers(1, 3))
            if label is not None:  # together: all members have as many sessions
                sessions = self.sessions[label]
            choices = st.lists(st.sampled_from(places or [""]), unique=True, max_size=3)
            booked = self.booked(sessions, is_alone=label is None)
            is_whole = "minutes" in booked
            needs.append(
                sm.Need(
                    id=name,
                    community=draw(st.sampled_from(homes)),
                    kind=draw(KINDS),
                    quantity=quantity,
                    groups=draw(subsets(GROUP_LABELS)),
                    weight=draw(st.integers(0, 9)),
                    location=self.location(),
                    windows=self.hours(),
                    max_travel=draw(optional(LENGTHS)),
                    max_fee=draw(optional(MONEY)),
                    requires=draw(subsets(FEATURES)),
                    choices=draw(choices) if places else (),
                    since=draw(optional(st.dates(date(2025, 1, 1), date(2026, 1, 1)))),
                    due=draw(optional(st.dates(date(2026, 1, 1), date(2027, 1, 1)))),
                    min_quantity=0 if is_whole else draw(st.integers(0, quantity)),
                    whole=not is_whole and draw(st.booleans()),
                    sessions=sessions,
                    person=draw(optional(self.text)),
                    together=None if label is None else f"group {label}",
                    preferred=self.hours(),
                    **booked,
                )
            )
        return needs

    def booked(self, sessions: int, *, is_alone: bool) -> dict[str, Any]:
        """Return what a need says of its bookings; alike where it is not alone."""
        draw = self.draw
        every = draw(optional(st.just(10080))) if sessions > 1 else None
        booked: dict[str, Any] = {"name": draw(optional(self.text)), "every": every}
        if not (self.bookings and is_alone):
            return booked
        booked |= {"rest": draw(st.integers(0, 90)), "people": draw(optional(UNITS))}
        if every is not None:
            booked["min_sessions"] = draw(optional(st.integers(1, sessions)))
        if draw(st.booleans()):
            times = draw(st.integers(1, 3))
            booked |= {"minutes": draw(st.integers(1, 90)), "times": times}
            booked["per_day"] = draw(st.integers(1, times))
        return booked

    def links(self, places: list[str]) -> list[sm.Link]:
        if not places:
            return []
        ends = st.tuples(st.sampled_from(places), st.sampled_from(places))
        return [
            sm.Link(
                source=source,
                target=target,
                travel=self.draw(LENGTHS),
                two_way=self.draw(st.booleans()),
            )
            for source, target in self.draw(st.lists(ends, unique=True, max_size=3))
        ]

    def past(self, homes: list[str]) -> list[sm.Past]:
        keys = [
            *(("community", home) for home in homes[:1]),
            *(("person", name) for name in self.draw(st.sets(self.text, max_size=1))),
        ]
        demand = self.draw(UNITS)
        return [
            sm.Past(
                **{key: name}, served=self.draw(st.integers(0, demand)), demand=demand
            )
            for key, name in keys
        ]

    def travel(self) -> dict[str, object]:
        travel: dict[str, object] = {"metric": "plane" if self.is_plane else "geo"}
        if self.draw(st.booleans()):
            travel |= {"unit": "min", "speed": self.draw(SPEEDS)}
        if self.draw(st.booleans()):
            travel["detour"] = self.draw(SPEEDS)
        return travel


NUMBERS = st.integers(0, 1000) | st.fractions(0, 1000, max_denominator=97)
WEIGHTS = st.integers(0, 9) | st.fractions(0, 9, max_denominator=7)


def wheres() -> SearchStrategy[dict[str, Any] | None]:
    values = PLAIN | st.lists(PLAIN, min_size=1, max_size=3)
    keys = st.sampled_from(["group", "kind", "community", "area", "tags", "facility"])
    return optional(st.dictionaries(keys, values, min_size=1, max_size=2))


def _groups_of(measure: str) -> list[str]:
    side = MEASURES[measure].side
    return [g for g in GROUPS if side in ("both", group_side(g, measure))]


@st.composite
def _bys(draw: DrawFn, measure: str) -> str | tuple[str, str]:
    fitting = st.sampled_from(_groups_of(measure))
    pairs = st.tuples(fitting, fitting).filter(lambda pair: pair[0] != pair[1])
    return draw(fitting | pairs)


SLOT_BYS = st.sampled_from(["slot", "facility", "day"])
NOT_NEGATIVE = st.integers(0, 100)


def _numbers() -> SearchStrategy[Any]:
    """Return what bounds and ceilings of communities may be."""
    fields = st.sampled_from(["population", "entitlement", "people"])
    return NOT_NEGATIVE | fields | st.dictionaries(PLAIN, NOT_NEGATIVE, max_size=3)


@st.composite
def _rules_of_groups(draw: DrawFn) -> Any:
    """Return a rule with numbers by group, or one that bounds a mix."""
    where = draw(wheres())
    if draw(st.booleans()):
        return sm.AtMost("served", draw(_numbers()), by="community", where=where)
    op: Any = draw(st.sampled_from([sm.AtLeast, sm.AtMost]))
    named = {**(where or {}), "group": draw(PLAIN)}
    return op("mix", draw(NUMBERS), by=draw(optional(SLOT_BYS)), where=named)


@st.composite
def rules(draw: DrawFn) -> Any:
    """Return a rule of any type over any measure, by any groups it may have."""
    measure = draw(st.sampled_from(GOAL_MEASURES))
    where = draw(wheres())
    if draw(st.integers(0, 6)) == 0:
        return draw(_rules_of_groups())
    match draw(st.sampled_from(["bounded", "within", "assignment", "alone", "tier"])):
        case "within":
            by = draw(_bys(measure))
            return sm.Within(measure, draw(NUMBERS), by=by, where=where)
        case "assignment":
            name = draw(st.sampled_from(["travel", "tier", "parity_gap", "wait"]))
            return sm.AtMost(name, draw(NUMBERS), by="assignment", where=where)
        case "alone":
            bound = draw(st.sampled_from(["alone", "alone", "alone - 1", "alone - 3"]))
            return sm.AtLeast("fill_rate", bound, by="community")
        case "tier":
            bound = draw(st.sampled_from(["own", "subdistrict", "district"]))
            return sm.AtMost("tier", bound, by="assignment", where=where)
    op: Any = draw(st.sampled_from([sm.AtLeast, sm.AtMost]))
    by = draw(optional(_bys(measure)))
    return op(measure, draw(NUMBERS), by=by, where=where)


@st.composite
def goals(draw: DrawFn) -> Any:
    """Return a goal of any type over any measure."""
    measure = draw(st.sampled_from(GOAL_MEASURES))
    where = draw(wheres())
    match draw(st.sampled_from(["total", "leximin", "leximax", "weighted", "up to"])):
        case "leximin":
            return sm.Leximin(measure, by=draw(_bys(measure)), where=where)
        case "leximax":
            return sm.Leximax(measure, by=draw(_bys(measure)), where=where)
        case "weighted":
            by: Any = draw(st.sampled_from(["community", ("community", "kind")]))
            named = st.sampled_from(["population", "entitlement"])
            keys: Any = PLAIN if by == "community" else st.tuples(PLAIN, PLAIN)
            table = st.dictionaries(keys, WEIGHTS, max_size=3)
            weights = draw(named | table if by == "community" else table)
            return sm.Leximin("served", by=by, weights=weights, where=where)
        case "up to":
            named_by: Any = draw(optional(_bys(measure)))
            upto = draw(_numbers() if named_by == "community" else NOT_NEGATIVE)
            return sm.Maximize(measure, by=named_by, upto=upto, where=where)
    op: Any = draw(st.sampled_from([sm.Maximize, sm.Minimize]))
    slack = draw(optional(st.fractions(0, 1, max_denominator=1000)))
    return op(measure, where=where, slack=slack)


def policies() -> SearchStrategy[sm.Policy]:
    """Return policies with a few rules and goals."""
    by_goals = st.builds(
        sm.Policy,
        name=st.just("") | PLAIN,
        rules=st.lists(rules(), max_size=3),
        goals=st.lists(goals(), max_size=3),
    )
    return by_goals | st.just(sm.Policy.first_come())
