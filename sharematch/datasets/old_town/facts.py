"""One week, 7 to 13 December 2026, in a district with an old town and a new town.

Communities with Chinese names and what is said of them come from an essay on services
in an old-town subdistrict; communities with English names, and all numbers that the
essay does not give, are assumptions.

=========================================== ==========================================
Fact                                        Where it stands here
=========================================== ==========================================
Tianfeng and Lianqiao: 11,600+ people       populations 6,200 and 5,400, tag ``old``
Tianfeng: two plazas, a medical station     its only facilities
Lianqiao: no land, no rooms                 no facility
Junmiao: migrants' association and home     two facilities, migrants 30% of residents
Qinqiao music plaza loved, out of reach     an open stage beyond 500 m of old homes
5,400+ over 60, almost 20%                 ``elderly`` of the four communities there
242 disabled, 76 with mental illness        ``disabled`` and ``mind`` there
2,800+ collect relief on days 7–9           the frail ask for a counter near home
A gas clip cost more than ¥20               the firm's fee; low-income people pay ¥10
Paid use costs what the host's staff pay    ``staff_fee``; some hosts ask for more
Hosts must not be disturbed                 ``reserve`` and ``closed``
Costly equipment is protected               ``max_units`` of rehabilitation and gym
Share in the subdistrict, then the district two subdistricts, ``share`` of facilities
State, hosts, volunteers, market            sectors of providers
=========================================== ==========================================

=========================================== ==========================================
Assumption                                  Why
=========================================== ==========================================
Four newer communities in a second          the essay's "new quarters that have
subdistrict, 7,800 to 10,400 people each    everything", about as large as its own
Sizes of the other groups                   old quarters have more elderly people,
                                            migrants and families in hardship
One in so many asks per week (`_ASKS`)      all in all some 60 requests per 1,000 people
Frail residents reach 500 m, others         walking distance; streets are 1.3 times as
1.5 to 5 km                                 long as the straight line
Disabled residents need a step-free way     medical station and plaza have steps
Migrants come after work                    evenings and weekends
Places, hours, fees, costs                  usual sizes of rooms, round prices
=========================================== ==========================================
"""

from datetime import datetime, timedelta
from typing import Any

from sharematch.model.instance import Instance
from sharematch.model.needs import Need
from sharematch.model.places import Area, Community, Facility, Provider, Slot
from sharematch.model.windows import Window

__all__ = ["old_town"]

_MONDAY = datetime(2026, 12, 7)  # noqa: DTZ001 (local time of the town)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAYS, _WEEKEND = "mon tue wed thu fri", "sat sun"


def _time(day: str, clock: str) -> datetime:
    hours, minutes = map(int, clock.split(":"))
    return _MONDAY + timedelta(_DAYS.index(day), hours=hours, minutes=minutes)


def _windows(days: str, hours: str) -> list[Window]:
    start, end = hours.split("-")
    return [
        Window(start=_time(day, start), end=_time(day, end)) for day in days.split()
    ]


_AREAS = [
    Area(id="district", level="district"),
    Area(id="old-town", level="subdistrict", parent="district"),
    Area(id="new-town", level="subdistrict", parent="district"),
]

_COMMUNITIES = [
    Community(
        id=name,
        area=area,
        location=location,
        population=population,
        tags=frozenset({"old"} if name in ("tianfeng", "lianqiao") else ()),
    )
    for name, area, location, population in [
        ("tianfeng", "old-town", (121.5490, 29.8690), 6200),
        ("lianqiao", "old-town", (121.5515, 29.8662), 5400),
        ("junmiao", "old-town", (121.5455, 29.8702), 6300),
        ("qinqiao", "old-town", (121.5570, 29.8640), 9700),
        ("lakeside", "new-town", (121.5380, 29.8660), 8600),
        ("garden", "new-town", (121.5400, 29.8580), 10400),
        ("academy", "new-town", (121.5480, 29.8560), 9200),
        ("market", "new-town", (121.5540, 29.8570), 7800),
    ]
]

_PROVIDERS = [
    Provider(id="old-town-office", sector="public", community="qinqiao"),
    Provider(id="new-town-office", sector="public", community="garden"),
    Provider(id="health-service", sector="public"),
    Provider(id="migrants-association", sector="volunteer", community="junmiao"),
    Provider(id="neighbors-help", sector="volunteer", community="junmiao"),
    Provider(id="school", sector="host", community="academy"),
    Provider(id="hospital", sector="host", community="lakeside"),
    Provider(id="gas-company", sector="host", community="garden"),
    Provider(id="bank", sector="host", community="qinqiao"),
    Provider(id="law-firm", sector="market", community="market"),
    Provider(id="repair-firm", sector="market", community="market"),
    Provider(id="sports-club", sector="market", community="garden"),
    Provider(id="private-clinic", sector="market", community="market"),
]

_STEP_FREE = {"features": {"step-free"}}


def _facility(
    name: str, provider: str, place: tuple[float, float], **fields: Any
) -> Facility:
    return Facility(
        id=name,
        community=name.partition("-")[0],
        provider=provider,
        location=place,
        **fields,
    )


_FACILITIES = [
    _facility("tianfeng-plaza-east", "old-town-office", (121.5497, 29.8693)),
    _facility("tianfeng-plaza-west", "old-town-office", (121.5481, 29.8688)),
    _facility("tianfeng-station", "health-service", (121.5500, 29.8681)),
    _facility(
        "junmiao-association", "migrants-association", (121.5452, 29.8705), **_STEP_FREE
    ),
    _facility(
        "junmiao-home",
        "migrants-association",
        (121.5458, 29.8698),
        share="subdistrict",
        **_STEP_FREE,
    ),
    _facility("junmiao-helpers", "neighbors-help", (121.5460, 29.8700)),
    _facility("qinqiao-plaza", "old-town-office", (121.5585, 29.8636)),
    _facility("qinqiao-hall", "old-town-office", (121.5568, 29.8644), **_STEP_FREE),
    _facility("qinqiao-clinic", "health-service", (121.5575, 29.8642), **_STEP_FREE),
    _facility("qinqiao-counter", "bank", (121.5566, 29.8646), **_STEP_FREE),
    _facility("qinqiao-mobile-counter", "bank", (121.5566, 29.8646)),
    _facility(
        "lakeside-center",
        "new-town-office",
        (121.5384, 29.8664),
        closed=_windows("tue", "13:00-18:00"),
        **_STEP_FREE,
    ),
    _facility("lakeside-clinic", "hospital", (121.5390, 29.8657), **_STEP_FREE),
    _facility(
        "lakeside-rehabilitation",
        "hospital",
        (121.5391, 29.8656),
        max_units=80,
        **_STEP_FREE,
    ),
    _facility("lakeside-nurses", "hospital", (121.5390, 29.8657)),
    _facility(
        "garden-hall",
        "new-town-office",
        (121.5404, 29.8584),
        closed=_windows("thu", "17:00-22:00"),
        **_STEP_FREE,
    ),
    _facility("garden-courts", "sports-club", (121.5395, 29.8575), **_STEP_FREE),
    _facility("garden-clinic", "health-service", (121.5407, 29.8577), **_STEP_FREE),
    _facility("garden-gas", "gas-company", (121.5410, 29.8590)),
    _facility(
        "academy-classrooms",
        "school",
        (121.5483, 29.8563),
        closed=[
            *_windows(_WEEKDAYS, "07:00-17:00"),
            *_windows("wed", "17:00-21:00"),
        ],
        **_STEP_FREE,
    ),
    _facility(
        "academy-gym",
        "school",
        (121.5478, 29.8557),
        closed=_windows(_WEEKDAYS, "07:00-17:00"),
        max_units=150,
    ),
    _facility("academy-center", "new-town-office", (121.5485, 29.8568), **_STEP_FREE),
    _facility("market-clinic", "private-clinic", (121.5533, 29.8577), **_STEP_FREE),
    _facility("market-law-office", "law-firm", (121.5536, 29.8573), **_STEP_FREE),
    _facility("market-workshop", "repair-firm", (121.5544, 29.8568)),
    _facility("market-hall", "new-town-office", (121.5541, 29.8572), **_STEP_FREE),
]


def _slots(
    facility: str, kinds: str, days: str, hours: str, capacity: int, **fields: Any
) -> list[Slot]:
    """Return one slot per day of `days` and span of `hours`."""
    service = kinds.split(maxsplit=1)[0].rpartition("/")[2]
    return [
        Slot(
            id=f"{facility}-{service}-{day}-{span[:2]}",
            facility=facility,
            kinds=frozenset(kinds.split()),
            capacity=capacity,
            start=_time(day, span.split("-")[0]),
            end=_time(day, span.split("-")[1]),
            **fields,
        )
        for day in days.split()
        for span in hours.split()
    ]


_PAID = {"fee": 10, "staff_fee": 10}
_CLINIC_HOURS = "08:30-11:30 13:30-16:30"

_SLOTS = [
    # The old town: open ground, one medical station, and what Junmiao and Qinqiao have.
    *_slots("tianfeng-plaza-east", "sport/fitness", "tue thu sat", "08:00-10:00", 12),
    *_slots("tianfeng-plaza-west", "sport/fitness", "mon fri sun", "08:00-10:00", 10),
    *_slots("tianfeng-station", "health/check", "mon wed", "08:30-11:30", 12),
    *_slots("tianfeng-station", "health/clinic", "tue fri", "13:30-16:30", 10),
    *_slots(
        "junmiao-association",
        "advice/legal advice/jobs",
        "wed sat",
        "18:00-20:00",
        14,
        groups={"migrant", "unemployed", "low-income"},
        reserve=6,
    ),
    *_slots("junmiao-home", "training", "tue thu", "18:30-20:30", 16, reserve=6),
    *_slots("junmiao-home", "culture", "sun", "14:00-17:00", 24, reserve=10),
    *_slots(
        "junmiao-helpers",
        "repair/water repair/power",
        "sat sun",
        "09:00-12:00",
        6,
        radius=1,
    ),
    *_slots("qinqiao-plaza", "culture/choir", "tue thu sun", "15:00-17:00", 35),
    *_slots(
        "qinqiao-hall",
        "culture sport/fitness",
        "mon wed fri sat",
        "09:00-11:00 19:00-21:00",
        20,
        reserve=10,
        unit_cost=2,
    ),
    *_slots(
        "qinqiao-clinic",
        "health/clinic health/check",
        "mon tue wed thu fri",
        _CLINIC_HOURS,
        14,
        reserve=7,
        unit_cost=8,
        **_PAID,
    ),
    *_slots("qinqiao-counter", "payout", "mon tue wed", _CLINIC_HOURS, 25),
    *_slots(
        "qinqiao-mobile-counter",
        "payout",
        "mon tue wed",
        _CLINIC_HOURS,
        16,
        radius=2,
        unit_cost=3,
    ),
    # The new town: halls, courts, clinics, classrooms, firms.
    *_slots(
        "lakeside-center",
        "culture/choir sport/fitness",
        "mon tue wed thu fri",
        "09:00-11:00 14:30-16:30",
        20,
        reserve=8,
        unit_cost=2,
    ),
    *_slots(
        "lakeside-clinic",
        "health/clinic health/check",
        "mon tue thu fri",
        _CLINIC_HOURS,
        14,
        reserve=6,
        unit_cost=8,
        **_PAID,
    ),
    *_slots(
        "lakeside-clinic",
        "health/mind",
        "wed",
        "09:00-12:00 14:00-17:00",
        20,
        reserve=4,
        unit_cost=25,
    ),
    *_slots(
        "lakeside-rehabilitation",
        "health/rehabilitation",
        "mon wed fri",
        _CLINIC_HOURS,
        18,
        reserve=4,
        groups={"disabled", "frail"},
        fee=15,
        staff_fee=15,
        unit_cost=30,
    ),
    *_slots(
        "lakeside-nurses",
        "health/check",
        "tue thu",
        _CLINIC_HOURS,
        9,
        radius=3,
        groups={"frail", "disabled"},
        unit_cost=20,
    ),
    *_slots(
        "garden-hall",
        "culture",
        "mon wed thu sat",
        "18:30-20:30",
        40,
        reserve=20,
        unit_cost=2,
    ),
    *_slots("garden-hall", "advice/jobs", "tue fri", "09:00-12:00", 35, reserve=12),
    *_slots(
        "garden-courts",
        "sport/court sport/fitness",
        "tue thu sat sun",
        "10:00-12:00 19:00-21:00",
        28,
        reserve=12,
        fee=12,
        staff_fee=8,
        unit_cost=4,
    ),
    *_slots(
        "garden-clinic",
        "health/clinic health/check",
        "mon wed fri",
        _CLINIC_HOURS,
        16,
        reserve=8,
        unit_cost=8,
        **_PAID,
    ),
    *_slots(
        "garden-gas",
        "repair/gas",
        "mon wed fri",
        "09:00-17:00",
        8,
        radius=4,
        reserve=2,
        fee=8,
        staff_fee=8,
        unit_cost=12,
    ),
    *_slots(
        "academy-classrooms",
        "training",
        "tue wed thu sat",
        "17:30-20:30",
        50,
        reserve=15,
        fee=5,
        staff_fee=5,
        unit_cost=6,
    ),
    *_slots(
        "academy-gym",
        "sport",
        "mon wed fri sat",
        "18:00-20:00",
        45,
        reserve=20,
        fee=6,
        staff_fee=3,
        unit_cost=3,
    ),
    *_slots(
        "academy-center",
        "culture/choir sport/fitness advice/jobs",
        "mon wed fri",
        "09:00-11:00 14:30-16:30",
        26,
        reserve=12,
        unit_cost=2,
    ),
    *_slots(
        "market-clinic",
        "health/clinic health/check",
        "tue thu sat",
        _CLINIC_HOURS,
        14,
        reserve=6,
        fee=18,
        staff_fee=18,
        unit_cost=10,
    ),
    *_slots(
        "market-law-office",
        "advice/legal",
        "mon thu",
        "18:00-20:00",
        20,
        reserve=6,
        fee=30,
        staff_fee=10,
        unit_cost=40,
    ),
    *_slots(
        "market-workshop",
        "repair/water repair/power repair/gas",
        "tue thu sat",
        "09:00-17:00",
        16,
        radius=3,
        fee=22,
        staff_fee=10,
        unit_cost=15,
    ),
    *_slots(
        "market-hall",
        "culture sport/fitness",
        "tue fri sun",
        "09:00-11:00 18:30-20:30",
        26,
        reserve=12,
        unit_cost=2,
    ),
]

# People by community: elderly (over 60), frail among them, disabled, with mental
# illness, migrants, in low-income families, unemployed. The first four rows keep the
# essay's totals: 5,400 over 60, 242 disabled, 76 with mental illness.
_PEOPLE = {
    "tianfeng": (1450, 160, 64, 20, 900, 420, 180),
    "lianqiao": (1250, 150, 58, 18, 1100, 400, 170),
    "junmiao": (1150, 95, 55, 16, 1900, 280, 190),
    "qinqiao": (1550, 75, 65, 22, 700, 160, 150),
    "lakeside": (1250, 60, 52, 14, 600, 130, 120),
    "garden": (1300, 55, 58, 16, 800, 110, 140),
    "academy": (1050, 45, 50, 13, 900, 110, 130),
    "market": (950, 50, 44, 12, 1300, 150, 160),
}
_GROUPS: tuple[str, ...] = (
    "elderly",
    "frail",
    "disabled",
    "mind",
    "migrant",
    "low-income",
    "unemployed",
)

_BY_DAY = _windows(" ".join(_DAYS), "08:00-17:30")
_AFTER_WORK = [*_windows(_WEEKDAYS, "17:30-22:00"), *_windows(_WEEKEND, "08:00-22:00")]
_OLD = {"groups": {"elderly"}, "max_travel": 1.5, "windows": _BY_DAY}
_FRAIL = {"groups": {"elderly", "frail"}, "max_travel": 0.5, "windows": _BY_DAY}
_DISABLED = {"groups": {"disabled"}, "max_travel": 3, "requires": {"step-free"}}
_MIGRANT = {"groups": {"migrant"}, "max_travel": 3, "windows": _AFTER_WORK}
_POOR = {"groups": {"low-income"}, "max_travel": 3, "max_fee": 10}
_JOBLESS = {"groups": {"unemployed"}, "max_travel": 3}

# What a group asks for in a week: name, group, one in so many, kind, terms.
_ASKS: list[tuple[str, str, int, str, dict[str, Any]]] = [
    ("clinic", "elderly", 40, "health/clinic", {**_OLD, "max_travel": 2}),
    ("check", "elderly", 50, "health/check", {**_OLD, "max_travel": 2}),
    ("choir", "elderly", 35, "culture/choir", _OLD),
    ("fitness", "elderly", 25, "sport/fitness", _OLD),
    ("frail-check", "frail", 8, "health/check", _FRAIL),
    ("frail-payout", "frail", 2, "payout", _FRAIL),
    ("rehabilitation", "disabled", 4, "health/rehabilitation", _DISABLED),
    ("mind", "mind", 2, "health/mind", {"max_travel": 5}),
    ("legal", "migrant", 100, "advice/legal", _MIGRANT),
    ("evening-class", "migrant", 60, "training", _MIGRANT),
    ("meeting", "migrant", 50, "culture", _MIGRANT),
    ("power", "elderly", 80, "repair/power", {"groups": {"elderly"}}),
    ("gas", "low-income", 40, "repair/gas", _POOR),
    ("repair", "low-income", 40, "repair", _POOR),
    ("jobs", "unemployed", 6, "advice/jobs", _JOBLESS),
    ("training", "unemployed", 6, "training", _JOBLESS),
    ("sport", "others", 120, "sport", {"max_travel": 2.5, "windows": _AFTER_WORK}),
    ("culture", "others", 150, "culture", {"max_travel": 2.5, "windows": _AFTER_WORK}),
]


def _needs() -> list[Need]:
    needs = []
    for community in _COMMUNITIES:
        size: dict[str, int] = dict(zip(_GROUPS, _PEOPLE[community.id], strict=True))
        size["others"] = (community.population or 0) - size["elderly"]
        for name, group, one_in, kind, terms in _ASKS:
            # Relief is paid out this week by the old town's office only.
            if kind == "payout" and community.area != "old-town":
                continue
            need = Need(
                id=f"{community.id}-{name}",
                community=community.id,
                kind=kind,
                quantity=(2 * size[group] + one_in) // (2 * one_in),
                **terms,
            )
            needs.append(need)
    return needs


def old_town() -> Instance:
    """Return the old-town scenario, the same every time.

    Facts and assumptions stand side by side in `sharematch.datasets.old_town.facts`.

    Examples
    --------
    >>> town = old_town()
    >>> [community.id for community in town.communities if "old" in community.tags]
    ['tianfeng', 'lianqiao']
    >>> {facility.community for facility in town.facilities} >= {"lianqiao"}
    False
    """
    return Instance(
        name="old-town",
        currency="CNY",
        travel={"unit": "km", "metric": "geo", "detour": "1.3"},
        areas=_AREAS,
        communities=_COMMUNITIES,
        providers=_PROVIDERS,
        facilities=_FACILITIES,
        slots=_SLOTS,
        needs=_needs(),
    )
