"""What there is to count for a report, what adds up to what, and what limits it."""

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.codes import NONE
from sharematch.core.columns.integers import sums
from sharematch.core.eligibility import arcs as arcs_module
from sharematch.core.measures.admission import bounds_of
from sharematch.core.measures.measures import Measures
from sharematch.model.vocabulary import units_below_alone
from sharematch.report.ranges import Key

if TYPE_CHECKING:
    from sharematch.report.facts import Facts

__all__ = ["REASONS", "count"]

Ints = NDArray[np.int64]

REASONS = ("full", "goal", "rule", "coupled", "search", "no_arc")


def count(facts: "Facts", alone: dict[str, int] | None) -> None:
    """Count all that a report tells of a plan, into its facts.

    `alone` is what each community could be served by its own places, if known.
    """
    columns, counts = facts.columns, facts.counts
    communities = columns.community_ids
    many = len(communities)
    _put(facts, "demand", communities, columns.need_community, columns.need_demand)
    _put(facts, "served", communities, facts.home, facts.units)
    _put(facts, "borrowed", communities, facts.home, facts.lent)
    _put(facts, "lent", communities, facts.host, facts.lent)
    _rest(facts, "unmet", "demand", "served", communities)
    _rest(facts, "own", "served", "borrowed", communities, is_implied=True)
    if alone is not None:
        _put(
            facts,
            "alone",
            communities,
            np.arange(many),
            np.array([alone[c] for c in communities], np.int64),
        )
        _rest(facts, "left_alone", "demand", "alone", communities, is_implied=True)
    _count_flows(facts)
    _put(facts, "demand of", facts.kinds, facts.need_kind, columns.need_demand)
    _put(facts, "served of", facts.kinds, facts.need_kind[facts.need], facts.units)
    _rest(facts, "unmet of", "demand of", "served of", facts.kinds)
    for family, one in (
        ("demand of", "demand"),
        ("served of", "served"),
        ("unmet of", "unmet"),
    ):
        counts.add((family,), [(one,)])
    _count_places(facts)
    _count_unmet(facts)
    days = [str(day) for day, _, _ in facts.days]
    for (_, used, _), day in zip(facts.days, days, strict=True):
        counts.values["day", day] = used
    timed = sum(used for _, used, _ in facts.days)
    counts.values["day",] = timed
    counts.values["untimed",] = counts.values["served",] - timed
    counts.add(("day",), [("day", day) for day in days])
    counts.add(("served",), [("day",), ("untimed",)])
    for kind, places in facts.places_saved.items():
        counts.values["saved", kind] = places
    counts.values["saved",] = sum(facts.places_saved.values())
    counts.implied |= {("saved", kind) for kind in facts.places_saved}
    counts.add(("saved",), [("saved", kind) for kind in facts.places_saved])
    _count_room(facts)
    _count_rules(facts)


def _put(
    facts: "Facts", name: str, ids: Sequence[str], code: Ints, units: Ints
) -> None:
    """Count units by the codes of some ids, and in all."""
    counts, total = facts.counts, sums(code, units, len(ids))
    for id_, value in zip(ids, total.tolist(), strict=True):
        counts.values[name, id_] = value
    counts.values[name,] = int(total.sum())
    counts.add((name,), [(name, id_) for id_ in ids])


def _rest(
    facts: "Facts",
    name: str,
    whole: str,
    part: str,
    ids: Sequence[str],
    *,
    is_implied: bool = False,
) -> None:
    """Count what a part leaves of a whole, for each id and in all."""
    counts = facts.counts
    if is_implied:
        counts.implied |= {(name,), *((name, id_) for id_ in ids)}
    for key in ((), *((id_,) for id_ in ids)):
        counts.values[name, *key] = (
            counts.values[whole, *key] - counts.values[part, *key]
        )
        counts.add((whole, *key), [(part, *key), (name, *key)])
    counts.add((name,), [(name, id_) for id_ in ids])


def _count_flows(facts: "Facts") -> None:
    ids, counts = facts.columns.community_ids, facts.counts
    by_host: dict[str, list[tuple[str, str, str]]] = {}
    by_home: dict[str, list[tuple[str, str, str]]] = {}
    for host, home, units in facts.flows:
        key = "flow", ids[host], ids[home]
        counts.values[key] = units
        by_host.setdefault(ids[host], []).append(key)
        by_home.setdefault(ids[home], []).append(key)
    for lender, keys in by_host.items():
        counts.add(("lent", lender), keys)
    for borrower, keys in by_home.items():
        counts.add(("borrowed", borrower), keys)
    counts.add(("lent",), [("borrowed",)])


def _count_places(facts: "Facts") -> None:
    """Count what facilities and owners give, and how much of it to others."""
    columns, counts = facts.columns, facts.counts
    names = columns.facility_ids
    _put(facts, "given at", names, facts.facility, facts.units)
    _put(facts, "lent at", names, facts.facility, facts.lent)
    _rest(facts, "kept at", "given at", "lent at", names, is_implied=True)
    counts.add(("given at",), [("served",)])
    host = columns.facility_community.tolist()
    lent_keys: dict[int, list[tuple[str, str]]] = {}
    for name, community in zip(names, host, strict=True):
        lent_keys.setdefault(community, []).append(("lent at", name))
    for community, keys in lent_keys.items():
        counts.add(("lent", columns.community_ids[community]), keys)
        kept = [("kept at", name) for _, name in keys]
        counts.add(("own", columns.community_ids[community]), kept)
    provider = columns.facility_provider
    owners = (*columns.provider_ids, "")
    code = np.where(provider == NONE, len(owners) - 1, provider)
    for family in ("given", "lent"):
        units = facts.units if family == "given" else facts.lent
        _put(facts, f"{family} by", owners, code[facts.facility], units)
        for owner, owner_id in enumerate(owners):
            owned = np.flatnonzero(code == owner).tolist()
            parts = [(f"{family} at", names[facility]) for facility in owned]
            counts.add((f"{family} by", owner_id), parts)
        counts.add((f"{family} by",), [(f"{family} at",)])


def _count_room(facts: "Facts") -> None:
    """Count places, of which no more can be used than there are."""
    columns, counts = facts.columns, facts.counts
    room = sums(
        columns.slot_facility, columns.slot_capacity, len(columns.facility_ids)
    ).tolist()
    place_keys: dict[int, list[Key]] = {}
    for f, name in enumerate(columns.facility_ids):
        counts.put_public(("places at", name), room[f])
        counts.cap(("given at", name), ("places at", name))
        place_keys.setdefault(int(columns.facility_community[f]), []).append(
            ("places at", name)
        )
    for community, keys in place_keys.items():
        community_id = columns.community_ids[community]
        total = "places of", community_id
        counts.put_public(total, sum(counts.values[k] for k in keys), is_implied=True)
        counts.add(total, keys)
        if facts.has_alone:
            counts.cap(("alone", community_id), total)
    for day, _, places in facts.days:
        counts.put_public(("places on", str(day)), places)
        counts.cap(("day", str(day)), ("places on", str(day)))
    timed = sum(places for _, _, places in facts.days)
    counts.put_public(("places",), sum(room), is_implied=True)
    counts.put_public(("places untimed",), sum(room) - timed, is_implied=True)
    counts.add(("places",), [("places at", name) for name in columns.facility_ids])
    on_days = [("places on", str(day)) for day, _, _ in facts.days]
    counts.add(("places",), [*on_days, ("places untimed",)])
    if len(facts.days) == 1 and counts.values["saved",] == counts.values["borrowed",]:
        counts.add(("saved",), [("borrowed",)])  # what is borrowed on the only day
    else:
        counts.cap(("saved",), ("borrowed",))


def _count_rules(facts: "Facts") -> None:
    """Count how far a plan is from rules on the page that bound what is counted."""
    for rule in facts.result.policy.rules:
        if rule.op == "within" or rule.where or rule.by == "assignment":
            continue
        family, ids = _RULED.get(f"{rule.measure} by {rule.by}", ("", ""))
        keys: list[Key] = [(family,)] if family else []
        if ids:
            keys = [(family, id_) for id_ in getattr(facts.columns, ids)]
        bounds = _bounds(facts, rule)
        for key in keys:
            if (bound := bounds.get(key[-1] if ids else "")) is not None:
                _count_rule(facts, rule, key, bound)


def _bounds(facts: "Facts", rule: Any) -> dict[Any, Fraction | None]:
    """Return the bound of a rule for each group; the whole has no name."""
    pairs = arcs_module.pairs(facts.columns, facts.need, facts.slot)
    measures = Measures(facts.columns, pairs)
    grouping = measures.grouping(rule.measure, rule.by, rule.where)
    if units_below_alone(rule) is not None:
        return dict.fromkeys(grouping.keys, Fraction(0))
    bounds = bounds_of(facts.columns, rule, grouping)
    return dict(zip(grouping.keys, bounds, strict=True))


def _count_rule(facts: "Facts", rule: Any, key: Key, bound: Fraction) -> None:
    """Count how far one group is from its bound, which is 0 for "alone"."""
    counts, sign = facts.counts, 1 if rule.op == "at_most" else -1
    value, group = counts.values[key], key[1:]
    below = units_below_alone(rule)
    if below is not None:
        if facts.has_alone:
            alone = counts.values["alone", *group]
            counts.limit({key: -1, ("alone", *group): 1}, value + below - alone)
    elif rule.measure == "fill_rate":
        if not facts.columns.community_past_demand.any():
            over, under = bound.numerator, bound.denominator
            slack = sign * (over * counts.values["demand", *group] - under * value)
            factors = {key: sign * under, ("demand", *group): -sign * over}
            counts.limit(factors, slack)
    else:
        counts.limit({key: sign}, int(sign * (bound - value) // 1))


_COUNTED = {name: name for name in ("served", "unmet", "borrowed", "lent")}
_COUNTED["fill_rate"] = "served"
_RULED: dict[str, tuple[str, str]] = {
    **{f"{measure} by None": (family, "") for measure, family in _COUNTED.items()},
    **{
        f"{measure} by community": (family, "community_ids")
        for measure, family in _COUNTED.items()
    },
    "served by facility": ("given at", "facility_ids"),
    "lent by facility": ("lent at", "facility_ids"),
}
"""Where the count stands that a rule over a measure by a group bounds, and its ids."""


def _count_unmet(facts: "Facts") -> None:
    counts = facts.counts
    for unmet in facts.result.unmet:
        key = "why", unmet.reason
        counts.values[key] = counts.values.get(key, 0) + unmet.quantity
    reasons = [r for r in REASONS if ("why", r) in counts.values]
    counts.add(("unmet",), [("why", reason) for reason in reasons])
