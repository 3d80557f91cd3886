"""Random cases that brute force can do."""

import pickle
import random
from collections.abc import Callable, Iterator, Sequence
from functools import cache, wraps
from itertools import islice
from typing import Any, TypeVar

from tests import oracles
from tests.smallest import drawn
from tests.tiny.policies import Draw
from tests.tiny.records import Fields, namespace, policy_namespace

Drawn = TypeVar("Drawn")

PROFILES: tuple[frozenset[str], ...] = tuple(
    frozenset(words.split())
    for words in (
        "past entitlement",
        "areas share tier past",
        "areas district share reserve caps",
        "timed windows dates loads day",
        "timed closed day max_units groups",
        "links max_travel decisions",
        "plane minutes max_travel caps",
        "geo plane radius features floors",
        "links one_way minutes radius travel_rule",
        "money parity fee_cap choices",
        "money subsidy providers sector where",
        "kinds pair_group floors caps",
        "groups where weights vulnerable",
        "persons past alone",
        "providers sector loads utilization max_units",
        "alone reserve max_units areas",
        "decisions choices dates past",
        "nested inner floors caps areas",
        "nested slot_nested loads floors caps providers",
        "crossing where pair_group providers caps timed",
    )
)
"""Features that a case shows often, by its seed modulo their number."""

MOST_ARCS = 10
MOST_FILLINGS = 2500


def drawn_once(draw: Callable[[int], Drawn]) -> Callable[[int], Drawn]:
    """Draw each case once for all tests; each gets a copy of its own."""

    @cache
    def stored(seed: int) -> bytes:
        return pickle.dumps(draw(seed))

    @wraps(draw)
    def copied(seed: int) -> Drawn:
        found: Drawn = drawn(draw.__name__, seed, pickle.loads(stored(seed)))
        return found

    return copied


@drawn_once
def tiny_case(seed: int) -> tuple[Fields, Fields]:
    """Return the fields of a random instance and policy, as files have them.

    The same seed gives the same case. Brute force takes well below a second. Most cases
    are of the network class; about one in ten crosses families of groups.
    """
    features = PROFILES[seed % len(PROFILES)]
    rng = random.Random(seed)
    crosses = rng.random() < (0.8 if "crossing" in features else 0.04)
    while True:
        draw = Draw(rng, features)
        instance = draw.instance()
        policy = draw.policy()
        if _accepted(instance, policy, rng, crosses=crosses):
            return instance, policy


def tiny_instance(seed: int) -> Fields:
    """Return the fields of a random instance, however many plans it may have."""
    return Draw(random.Random(seed), PROFILES[seed % len(PROFILES)]).instance()


def _accepted(
    instance: Fields, policy: Fields, rng: random.Random, *, crosses: bool
) -> bool:
    """Say whether a case is small and interesting enough."""
    records, terms = namespace(instance), policy_namespace(policy)
    case = oracles.Case(records, terms.rules)
    if len(case.arcs) > MOST_ARCS or len(case.arcs) < rng.choice((1, 2, 2, 3)):
        return rng.random() < 0.02 and not case.arcs
    if oracles.is_network(records, terms) == crosses:
        return False
    fillings = case.fillings(case.arcs, {})
    if len(list(islice(fillings, MOST_FILLINGS + 1))) > MOST_FILLINGS:
        return False
    wanted = min(rng.choice((0, 1, 2, 2, 2, 3)), len(terms.goals))
    return wanted == 0 or any(
        i == wanted for i, _ in enumerate(_deciding(case, terms.goals), 1)
    )


def _deciding(case: oracles.Case, goals: Sequence[Any]) -> Iterator[Any]:
    """Yield the goals that are not decided by the rules and the goals before them."""
    left = list(case.plans())
    for goal in goals if left else ():
        values: list[Any] = [case.goal_value(goal, plan) for plan in left]
        best = max(values) if goal.op in ("maximize", "leximin") else min(values)
        if any(value != best for value in values):
            yield goal
        left = [plan for plan, v in zip(left, values, strict=True) if v == best]
