"""Which problems are of the network class."""

# One straight list of conditions is easier to compare with the definitions.
# ruff: noqa: C901, PLR0911, PLR0912

from itertools import combinations
from typing import Any

from tests.oracles.case import Case
from tests.oracles.vocabulary import UNIT_MEASURES, Group, Pair, Where, plain


def is_network(instance: Any, policy: Any) -> bool:
    """Say whether a problem is of the network class, by its sets of eligible arcs."""
    case = Case(instance, policy.rules)
    if any(case.size(case.needs[n], case.slots[s]) != 1 for n, s, *_ in case.arcs):
        return False
    if any(need.minutes is not None for need in case.needs.values()):
        return False
    if any(
        n.whole or n.min_quantity > 1 or n.sessions > 1 or n.together is not None
        for n in case.needs.values()
    ):
        return False
    if any(s.min_units > 1 or s.either is not None for s in case.slots.values()):
        return False
    sets: dict[str, list[frozenset[Pair]]] = {"need": [], "slot": []}
    for n in case.needs:
        sets["need"].append(frozenset(arc for arc in case.arcs if arc[0] == n))
    for s, slot in case.slots.items():
        mine = frozenset(arc for arc in case.arcs if arc[1] == s)
        sets["slot"].append(mine)
        if slot.reserve:
            lent = (a for a in mine if case.needs[a[0]].community != case.host(slot))
            sets["slot"].append(frozenset(lent))
    for facility in case.facilities.values():
        if facility.max_units is not None:
            here = (a for a in case.arcs if case.slots[a[1]].facility == facility.id)
            sets["slot"].append(frozenset(here))
    bounded = [rule for rule in policy.rules if plain(rule.by) != "assignment"]
    bounded += [goal for goal in policy.goals if goal.op.startswith("lexi")]
    for term in bounded:
        by, where = plain(term.by), getattr(term, "where", None)
        name = term.measure
        plain_weights = name == "weighted_served" and all_weigh_one(case, where)
        if term.op == "within" or not (name in UNIT_MEASURES or plain_weights):
            return False
        chosen = case.selection(name, by, where)
        keys = {case.side(name, key) for key in (where or {})} | set(chosen.sides)
        if len(set(chosen.sides)) > 1:
            return False
        side = "slot" if keys == {"slot"} else "need"
        if chosen.sides:
            side = chosen.sides[0]
        parts: dict[Group, set[Pair]] = {}
        for n, s in case.arcs:
            need, slot = case.needs[n], case.slots[s]
            if n not in chosen.needs or s not in chosen.slots:
                continue
            if name in ("lent", "borrowed") and need.community == case.host(slot):
                continue
            for group in chosen.of(need, slot) if by is not None else ("all",):
                parts.setdefault(group, set()).add((n, s))
        sets[side] += [frozenset(part) for part in parts.values()]
    for goal in policy.goals:
        if getattr(goal, "slack", None) is not None or opens(case, goal.measure):
            return False
    if shares_person(case):
        return False
    return all(
        one <= other or other <= one or not one & other
        for family in sets.values()
        for one, other in combinations(set(family), 2)
    )


def all_weigh_one(case: Case, where: Where) -> bool:
    """Say whether all needs that pass a filter have weight 1."""
    chosen = case.selection("weighted_served", None, where)
    return all(need.weight == 1 for need in chosen.needs.values())


def opens(case: Case, name: str) -> bool:
    """Say whether a measure depends on which slots or facilities are in use."""
    if name.startswith("opened"):
        return True
    if name == "subsidy" and any(pair.cost for pair in case.pairs.values()):
        return True
    places = (*case.slots.values(), *case.facilities.values())
    return name in ("cost", "subsidy") and any(place.opening_cost for place in places)


def shares_person(case: Case) -> bool:
    """Say whether two needs of one person could clash on timed slots."""
    stays = [case.flow(key, 1) for key in case.arcs]
    for one, other in combinations(stays, 2):
        person = one.need.person
        same = one.need.id != other.need.id and person is not None
        if same and person == other.need.person and case._too_near(one, other):
            return True
    return False
