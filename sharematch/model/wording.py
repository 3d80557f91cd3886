"""A policy in plain words, English (`en`) or Chinese (`zh`)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sharematch.model.measures import MEASURES
from sharematch.model.policy import Policy
from sharematch.model.vocabulary import units_below_alone

__all__ = ["goal_text", "measure_text", "policy_text", "rule_text"]


@dataclass(frozen=True)
class _Language:
    """The sentences of one language; `{}` in them is filled by name."""

    measures: Mapping[str, str]
    names: Mapping[str, str]
    """Of groups, filters and values that stand for themselves where missing."""
    at_least: str
    at_most: str
    within: str
    alone: str
    below_alone: str
    each_assignment: str
    each_group: str
    maximize: Mapping[bool, str]
    """By whether the measure can be counted."""
    minimize: Mapping[bool, str]
    leximin: str
    weighted: str
    by_field: str
    leximax: str
    fields: Mapping[str, str]
    """Of groups, which can stand for a number."""
    own: str
    more: str
    added_up: str
    up_to: str
    up_to_each: str
    slack: str
    first: str
    then: str
    turns: str
    anything: str
    where: str
    either: str
    both: str
    comma: str
    stop: str
    space: str


_EN = _Language(
    measures={
        "served": "units served",
        "demand": "units asked for",
        "unmet": "units unmet",
        "fill_rate": "share of demand served",
        "weighted_served": "weighted units served",
        "travel": "travel",
        "wait": "days of waiting",
        "lateness": "days late",
        "fees": "fees",
        "parity_gap": "fees above what the host's staff pay",
        "rank": "distance from first choices",
        "tier": "sharing tier",
        "lent": "units lent",
        "borrowed": "units borrowed",
        "cost": "cost",
        "subsidy": "subsidy",
        "bookings": "bookings",
        "minutes": "minutes",
        "unpreferred": "units × position among preferred times",
        "unit_cost": "cost of units",
        "unit_subsidy": "subsidy of units",
        "used": "units in use",
        "utilization": "share of capacity in use",
        "opened_slots": "slots opened",
        "opened_facilities": "facilities opened",
        "mix": "share of units there",
        "moved": "units moved",
    },
    names={},
    at_least="{scope}{what} at least {bound}",
    at_most="{scope}{what} at most {bound}",
    within="{what}: at most {width} between any two {groups}",
    alone="no community gets less than its own places alone could give it",
    below_alone=(
        "each community gets at most {units} less than its own places alone could "
        "give it"
    ),
    each_assignment="for each assignment: ",
    each_group="for each {group}: ",
    maximize={
        True: "as many {what} as possible{upto}{slack}",
        False: "as much {what} as possible{upto}{slack}",
    },
    minimize={
        True: "as few {what} as possible{upto}{slack}",
        False: "as little {what} as possible{upto}{slack}",
    },
    leximin=(
        "make the worst-off {group}'s {what}{weighted} as great as possible, "
        "then the next"
    ),
    weighted=" for its weight",
    by_field=" for {field}",
    leximax=(
        "make the highest {what} of a {group} as small as possible, then the next"
    ),
    fields={
        "population": "its population",
        "entitlement": "its entitlement",
        "demand": "what it asks for",
        "people": "its people",
    },
    own="its own number ({numbers})",
    more="…, {count} in all",
    added_up=", added up over every {group}",
    up_to=", counted up to {upto}",
    up_to_each=", for each {group} counted up to {upto}",
    slack=", up to {share} less good for later goals",
    first="First: ",
    then="Then: ",
    turns="Needs choose in turn by date; each takes its nearest free places",
    anything="Any plan that keeps the records.",
    where=" ({})",
    either=" or ",
    both=" and ",
    comma=", ",
    stop=".",
    space=" ",
)

_ZH = _Language(
    measures={
        "served": "服务单位数",
        "demand": "需求单位数",
        "unmet": "未满足单位数",
        "fill_rate": "满足率",
        "weighted_served": "加权服务单位数",
        "travel": "路程",
        "wait": "等待天数",
        "lateness": "逾期天数",
        "fees": "费用",
        "parity_gap": "高于本单位职工的收费",
        "rank": "与首选的差距",
        "tier": "共享层级",
        "lent": "借出单位数",
        "borrowed": "借入单位数",
        "cost": "成本",
        "subsidy": "补贴",
        "bookings": "预订次数",
        "minutes": "分钟数",
        "unpreferred": "单位数 × 时间偏好位次",
        "unit_cost": "单位成本",
        "unit_subsidy": "单位补贴",
        "used": "使用单位数",
        "utilization": "名额使用率",
        "opened_slots": "开放的时段数",
        "opened_facilities": "开放的设施数",
        "mix": "在其中的占比",
        "moved": "变动单位数",
    },
    names={
        "community": "社区",
        "area": "区域",
        "kind": "类别",
        "need": "需求",
        "person": "个人",
        "group": "群体",
        "slot": "时段",
        "facility": "设施",
        "provider": "提供方",
        "sector": "部门",
        "day": "日",
        "week": "周",
        "month": "月",
        "weekday": "星期几",
        "time": "时间",
        "tags": "标签",
        "own": "本社区",
    },
    at_least="{scope}{what}不低于 {bound}",
    at_most="{scope}{what}不超过 {bound}",
    within="任意两个{group}之间，{what}相差不超过 {width}",
    alone="任何社区所得不少于仅靠自有名额所能得到的",
    below_alone="每个社区所得比仅靠自有名额所能得到的至多少{units}个单位",
    each_assignment="每笔分配：",
    each_group="每个{group}：",
    maximize=dict.fromkeys((True, False), "{what}尽可能多{upto}{slack}"),
    minimize=dict.fromkeys((True, False), "{what}尽可能少{upto}{slack}"),
    leximin="让{what}{weighted}最低的{group}尽可能高，再让次低的，依此类推",
    weighted="（按权重折算）",
    by_field="（按{field}折算）",
    leximax="让{what}最高的{group}尽可能低，再让次高的，依此类推",
    fields={
        "population": "其人口",
        "entitlement": "其应得数",
        "demand": "其申请数",
        "people": "其人数",
    },
    own="各自的数（{numbers}）",
    more="……，共 {count} 个",
    added_up="（各{group}相加）",
    up_to="（至多计到 {upto}）",
    up_to_each="（每个{group}至多计到 {upto}）",
    slack="（为后续目标最多可放宽 {share}）",
    first="首先：",
    then="然后：",
    turns="各需求按日期依次选择，取最近的空余名额",
    anything="满足记录的任何方案。",
    where="（{}）",
    either="或",
    both="和",
    comma="，",
    stop="。",
    space="",
)

MANY = 12
"""Numbers by group of which all are told."""
_LANGUAGES = {"en": _EN, "zh": _ZH}


def policy_text(policy: Policy, lang: str = "en") -> str:
    """Return what a policy says, in sentences a civil servant can read out.

    Examples
    --------
    >>> print(policy_text(Policy.own_only()))
    For each assignment: sharing tier at most own. First: make the worst-off \
community's share of demand served as great as possible, then the next. Then: as \
many units served as possible. Then: as little travel as possible.
    """
    words = _LANGUAGES[lang]
    parts = [_start(rule_text(rule, lang)) for rule in policy.rules]
    if policy.method == "first_come":
        parts.insert(0, words.turns)
    for position, goal in enumerate(policy.goals):
        parts.append(
            f"{words.then if position else words.first}{goal_text(goal, lang)}"
        )
    return words.space.join(f"{part}{words.stop}" for part in parts) or words.anything


def measure_text(name: str, lang: str = "en") -> str:
    """Return what a measure is called."""
    known = _LANGUAGES[lang].measures.get(name)
    if known is not None:
        return known
    own = MEASURES[name].text
    return own.get(lang) or own.get("en") or name


def rule_text(rule: Any, lang: str = "en") -> str:
    """Return one rule in words."""
    words = _LANGUAGES[lang]
    what = _what(rule, words, lang)
    if rule.op == "within":
        group = _groups(rule.groups, words)
        return words.within.format(
            what=what,
            width=_number(rule.width, rule.measure, words),
            group=group,
            groups=_plural(group),
        )
    below = units_below_alone(rule)
    if below is not None:
        return words.below_alone.format(units=below) if below else words.alone
    scope = ""
    if rule.by == "assignment":
        scope = words.each_assignment
    elif rule.groups:
        scope = words.each_group.format(group=_groups(rule.groups, words))
    bound = _number(rule.bound, rule.measure, words)
    if rule.groups and isinstance(rule.bound, str):
        bound = words.fields[rule.bound]
    side = words.at_least if rule.op == "at_least" else words.at_most
    return side.format(scope=scope, what=what, bound=words.names.get(bound, bound))


def goal_text(goal: Any, lang: str = "en") -> str:
    """Return one goal in words."""
    words = _LANGUAGES[lang]
    what = _what(goal, words, lang)
    if goal.op in ("leximin", "leximax"):
        group = _groups(goal.groups, words)
        if goal.op == "leximax":
            return words.leximax.format(what=what, group=group)
        weighted = "" if goal.weights is None else words.weighted
        if goal.weights in ("demand", "people"):
            weighted = words.by_field.format(field=words.fields[goal.weights])
        return words.leximin.format(what=what, group=group, weighted=weighted)
    slack = ""
    if goal.slack:
        slack = words.slack.format(share=_number(goal.slack, "fill_rate", words))
    side = words.maximize if goal.op == "maximize" else words.minimize
    is_count = MEASURES[goal.measure].unit in ("units", "count", "days")
    return side[is_count].format(what=what, upto=_upto(goal, words), slack=slack)


def _upto(goal: Any, words: _Language) -> str:
    """Return which groups a total adds up, and how far each counts."""
    group = _groups(goal.groups, words)
    if goal.op == "minimize" or goal.upto is None:
        return words.added_up.format(group=group) if group else ""
    upto = _number(goal.upto, goal.measure, words)
    if isinstance(goal.upto, str):
        upto = words.fields[goal.upto]
    sentence = words.up_to_each if group else words.up_to
    return sentence.format(group=group, upto=upto)


def _what(term: Any, words: _Language, lang: str) -> str:
    """Return the measure of a rule or goal and what it is limited to."""
    parts = [
        f"{words.names.get(key, key)} {words.either.join(values)}"
        for key, values in (term.where or {}).items()
    ]
    limits = words.where.format(words.comma.join(parts)) if parts else ""
    return f"{measure_text(term.measure, lang)}{limits}"


def _groups(groups: Iterable[str], words: _Language) -> str:
    return words.both.join(words.names.get(group, group) for group in groups)


def _plural(text: str) -> str:
    if text.endswith("y") and not text.endswith("day"):
        return f"{text[:-1]}ies"
    return f"{text}s"


def _number(
    value: Fraction | str | Mapping[Any, Fraction], measure: str, words: _Language
) -> str:
    """Return a number, the name of a tier or a field, or numbers by group."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        some = [
            f"{_key(key)} {_number(number, measure, words)}"
            for key, number in sorted(value.items(), key=lambda item: _key(item[0]))
        ]
        if len(some) > MANY:
            some[MANY - 1 :] = [words.more.format(count=len(some))]
        return words.own.format(numbers=words.comma.join(some))
    if MEASURES[measure].unit == "ratio":
        share = value * 100
        shown = share.numerator if share.denominator == 1 else float(share)
        return f"{shown:g}%"  # exact: a bound is not rounded
    return f"{value.numerator}" if value.denominator == 1 else f"{float(value):g}"


def _key(key: str | tuple[str, str]) -> str:
    return key if isinstance(key, str) else " | ".join(key)


def _start(text: str) -> str:
    return text[:1].upper() + text[1:]
