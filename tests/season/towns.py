"""A small town for seasons, and a whole round as other processes play it."""

import sys

import sharematch as sm
from sharematch.season import Season, Used


def town() -> sm.Instance:
    return sm.Instance(
        communities=[sm.Community(id="tianfeng"), sm.Community(id="lianqiao")],
        facilities=[sm.Facility(id="station", community="tianfeng")],
        slots=[
            sm.Slot(id=day, facility="station", kinds=["health"], capacity=3)
            for day in ("mon", "tue")
        ],
        needs=[
            sm.Need(id="t", community="tianfeng", kind="health", quantity=4),
            sm.Need(id="l", community="lianqiao", kind="health", quantity=4),
        ],
    )


def play(season: Season, name: str) -> None:
    """Play a round from its opening to its end, every command once at least."""
    season.open(name, town(), ledger=sm.season.Rule())
    late = sm.Need(id="late", community="lianqiao", kind="health", quantity=1)
    season.add(name, needs=[late])
    first = season.solve(name).allocation
    taken = next(iter(first))
    season.decide(name, [sm.season.Answer(taken.need, taken.slot, "declined")])
    last = next(iter(season.solve(name).allocation))
    season.finalize(name)
    season.usage(name, [Used(last.need, last.slot, 0)])
    season.close(name)


def play_on(url: str) -> None:
    """Play rounds until killed; a round that was cut off is left as it is."""
    season = Season(url)
    while True:
        play(season, f"round-{len(season.rounds()) + 1}")


def add_many(url: str, office: str, count: int) -> None:
    """Add needs one by one, as one of several offices."""
    season = Season(url)
    for i in range(count):
        need = sm.Need(id=f"{office}-{i}", community="tianfeng", kind="health")
        season.add("spring", needs=[need])


if __name__ == "__main__":
    action, place, *rest = sys.argv[1:]
    if action == "play":
        play_on(place)
    else:
        add_many(place, rest[0], int(rest[1]))
