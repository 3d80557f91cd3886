"""Facts about a community: how it fares, what it lends and borrows, what binds it."""

from collections import Counter

import numpy as np

from sharematch.analysis.explanation.facts import Bound, CommunityFacts
from sharematch.analysis.explanation.rule import bounds_of
from sharematch.analysis.explanation.setting import Setting
from sharematch.core.columns.codes import NONE

__all__ = ["community_facts"]


def community_facts(setting: Setting, community: int) -> CommunityFacts:
    """Return how a community fares; what would help it is left open."""
    columns, arcs, units = setting.columns, setting.arcs, setting.units
    name = columns.community_ids[community]
    mine = columns.need_community == community
    home = columns.need_community[arcs.need]
    owner = columns.facility_community[columns.slot_facility[arcs.slot]]
    count = len(columns.community_ids)
    borrowed, lent = np.zeros((2, count), np.int64)
    guest = (home == community) & (owner != community)
    host = (owner == community) & (home != community)
    np.add.at(borrowed, owner[guest], units[guest])
    np.add.at(lent, home[host], units[host])
    reasons: Counter[str] = Counter()
    for unmet in setting.result.unmet:
        if mine[columns.position["need"][unmet.need]]:
            reasons[unmet.reason] += unmet.quantity
    waiting = np.flatnonzero(mine & (setting.unmet > 0))
    reached = np.isin(waiting, arcs.need)
    return CommunityFacts(
        community=name,
        asked=int(columns.need_demand[mine].sum()),
        served=int(setting.served[mine].sum()),
        standing=setting.standing(community),
        unmet=tuple(sorted(reasons.items(), key=lambda item: (-item[1], item[0]))),
        borrowed=setting.by_community(borrowed),
        lent=setting.by_community(lent),
        bottleneck=setting.bottleneck(waiting[reached]),
        rules=_binding(setting, community),
        changes=(),
        searched=False,
    )


def _binding(setting: Setting, community: int) -> tuple[Bound, ...]:
    """Return the bounds of rules on this community, or its area, that bind."""
    columns = setting.columns
    area = int(columns.community_area[community])
    group_by = {
        "community": columns.community_ids[community],
        "area": None if area == NONE else columns.area_ids[area],
    }
    return tuple(
        bound
        for position, rule in enumerate(setting.policy.rules)
        if rule.by in group_by
        for bound in bounds_of(setting, position)
        if bound.binds and bound.group == group_by[rule.by]
    )
