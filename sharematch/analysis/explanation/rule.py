"""Facts about a rule: whether it binds, for whom, and how much is left."""

from fractions import Fraction
from math import floor
from typing import Any

import numpy as np

from sharematch.analysis.explanation.facts import Bound, RuleFacts, TurnedAway
from sharematch.analysis.explanation.setting import Setting
from sharematch.core.columns.codes import NONE
from sharematch.core.measures.admission import admitted
from sharematch.core.measures.admission import bounds_of as bounds_by_group
from sharematch.core.measures.by_group import Numbers
from sharematch.core.measures.measures import Measures
from sharematch.model.measures import MEASURES
from sharematch.model.vocabulary import units_below_alone
from sharematch.model.wording import rule_text
from sharematch.solvers.monitor import UNWATCHED
from sharematch.solvers.standalone import served_alone

__all__ = ["bounds_of", "rule_facts"]


def rule_facts(setting: Setting, position: int) -> RuleFacts:
    """Return whether a rule binds, by group, or which pairs it takes out."""
    rule = setting.policy.rules[position]
    text = rule_text(rule)
    if rule.by != "assignment":
        bounds = bounds_of(setting, position)
        by = " and ".join(rule.groups)
        short = _short(setting, rule, bounds)
        binds = bool(short) or any(bound.binds for bound in bounds)
        return RuleFacts(position + 1, text, by, binds, bounds, 0, 0, None, short)
    everything = setting.everything
    measures = Measures(setting.columns, everything)
    other_rules = [r for r in setting.policy.rules if r is not rule]
    out = admitted(measures, other_rules) & ~admitted(measures, [rule])
    losing = np.unique(everything.need[out])
    has_pair = np.zeros(len(setting.columns.need_ids), bool)
    has_pair[setting.arcs.need] = True
    unmet = losing[setting.unmet[losing] > 0]
    alone = unmet[~has_pair[unmet]]
    stranded = TurnedAway("", len(alone), int(setting.unmet[alone].sum()))
    return RuleFacts(
        rule=position + 1,
        text=text,
        by="assignment",
        binds=bool(len(unmet)),
        bounds=(),
        pairs=int(out.sum()),
        needs=len(losing),
        stranded=stranded if len(alone) else None,
    )


def _short(setting: Setting, rule: Any, bounds: tuple[Bound, ...]) -> tuple[str, ...]:
    """Return groups below a ceiling in which a unit more of who waits breaks it.

    Of needs that rules stop, where there is room. Not of measures that are no sum of
    units.
    """
    measures, columns, arcs = setting.measures, setting.columns, setting.arcs
    slack_of_group = {bound.group: bound.slack for bound in bounds if not bound.binds}
    form = measures.form(rule.measure)
    is_sum = form.per_unit is not None and not form.per_size
    is_sum &= form.floor is None and form.start is None and rule.measure != "mix"
    if rule.op != "at_most" or not slack_of_group or not is_sum:
        return ()
    stopped = [u.need for u in setting.result.unmet if u.reason == "rule"]
    waits = np.zeros(len(columns.need_ids), bool)
    waits[[columns.position["need"][need] for need in stopped]] = True
    is_whole = columns.need_whole | (columns.need_minutes != NONE)
    least = np.where(is_whole, columns.need_quantity, 1)[arcs.need]
    takes = measures.coefficients(rule.measure) * least
    takes = takes if form.lot is None else takes // form.lot
    grouping = measures.grouping(rule.measure, rule.by, rule.where)
    could = waits[arcs.need] & (setting.full == NONE)
    most = np.zeros(len(grouping.keys), np.int64)
    np.maximum.at(most, grouping.group, np.where(could, takes, 0)[grouping.arc])
    scale = MEASURES[rule.measure].scale
    names = [k if isinstance(k, str) else " | ".join(k) for k in grouping.keys]
    return tuple(
        name
        for name, more in zip(names, most.tolist(), strict=True)
        if name in slack_of_group and slack_of_group[name] * scale < more
    )


def bounds_of(setting: Setting, position: int) -> tuple[Bound, ...]:
    """Return a rule's bound on each group, the tightest first.

    It binds where the value could not be one unit worse for the rule.
    """
    rule = setting.policy.rules[position]
    if rule.by == "assignment" or MEASURES[rule.measure].needs_baseline:
        return ()
    values = setting.measures.values(rule.measure, setting.units, rule.by, rule.where)
    scale = MEASURES[rule.measure].scale
    whole = rule.by is None and bool(values.denominator[0])
    judged = [i for i in range(len(values.keys)) if values.judged[i] or whole]
    value_of_group = {i: values.fraction(i) for i in judged}
    below, alone = units_below_alone(rule), {}
    if below is not None:
        alone = served_alone(setting.measures, UNWATCHED)
    text = rule_text(rule)
    by_group = _bounds(setting, rule, max(value_of_group.values(), default=Fraction(0)))
    bounds = []
    for i, value in value_of_group.items():
        key = values.keys[i]
        group = key if isinstance(key, str) else " | ".join(key)
        step = Fraction(1, int(values.denominator[i]) or 1)
        if below is not None:
            grouping = setting.measures.grouping(rule.measure, rule.by, rule.where)
            past = int(grouping.past_served[i])
            bound = Fraction(
                past + max(alone.get(group, 0) - below, 0), int(values.denominator[i])
            )
        elif (group_bound := by_group[i]) is not None:
            bound = group_bound
        else:
            continue
        slack = value - bound if rule.op != "at_most" else bound - value
        bounds.append(
            Bound(
                rule=position + 1,
                text=text,
                by=" and ".join(rule.groups),
                group=group,
                value=value / scale,
                bound=bound / scale,
                slack=slack / scale,
                binds=floor(slack / step) < 1,
            )
        )
    return tuple(sorted(bounds, key=lambda bound: (bound.slack, bound.group)))


def _bounds(setting: Setting, rule: Any, best: Fraction) -> Numbers:
    """Return each group's bound in the smallest unit, None where it has none.

    Of `Within`, what no group may be below.
    """
    grouping = setting.measures.grouping(rule.measure, rule.by, rule.where)
    if units_below_alone(rule) is not None:
        return [None] * len(grouping.keys)
    if rule.op != "within":
        return bounds_by_group(setting.columns, rule, grouping)
    least = best - MEASURES[rule.measure].to_minor(rule.width)
    return [least] * len(grouping.keys)
