"""A policy in plain words, English (`en`) or Chinese (`zh`)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, TypeVar

from sharematch.model.measures import MEASURES
from sharematch.model.policy import Policy
from sharematch.model.vocabulary import units_below_alone
from sharematch.text import Own, Text, has, joined, say, told

__all__ = [
    "Amount",
    "amount_of",
    "goal_said",
    "goal_text",
    "group_shown",
    "measure_text",
    "named_term",
    "policy_name_said",
    "policy_shown",
    "policy_text",
    "rule_said",
    "rule_text",
    "subject_text",
    "term_shown",
]


Group = TypeVar("Group", str, tuple[str, ...])

MANY = 12
"""Numbers by group of which all are told."""


Amount = Callable[[str, Fraction], str | None]
"""What tells a bound with its unit, by the unit of its measure; None: as a number."""


def amount_of(label: Callable[[str, str], str]) -> Amount | None:
    """Return what tells lengths and money with their units, if labels know them.

    No policy says what lengths and money are counted in; its instance does.

    Examples
    --------
    >>> import sharematch as sm
    >>> amount = amount_of(sm.solve(sm.scenario.old_town()).label)
    >>> rule_text(sm.AtMost("travel", 1_000, by="assignment"), "en", amount)
    'for each assignment: travel at most 1,000 m'
    """
    amount: Amount | None = getattr(label, "amount", None)
    return amount


def policy_text(policy: Policy, lang: str = "en", amount: Amount | None = None) -> str:
    """Return what a policy says, in sentences a civil servant can read out.

    Examples
    --------
    >>> print(policy_text(Policy.own_only()))
    For each assignment: sharing tier at most own. First: make the worst-off \
community's share of demand served as great as possible, then the next. Then: as \
many units served as possible. Then: as little travel as possible.
    """
    parts = [_start(rule_text(rule, lang, amount)) for rule in policy.rules]
    if policy.method == "first_come":
        parts.insert(0, say("term.turns", lang))
    for position, goal in enumerate(policy.goals):
        code = "term.then" if position else "term.first"
        parts.append(say(code, lang, text=goal_said(goal, amount)))
    sentences = [say("term.sentence", lang, text=part) for part in parts]
    if not sentences:
        return say("term.anything", lang)
    return joined("term.sentences", sentences, lang)


def policy_name_said(name: str) -> str:
    """Return what a policy is called: those of the library in every language.

    Examples
    --------
    >>> told(policy_name_said("own only"), "zh"), policy_name_said("our own")
    ('仅用自有名额', 'our own')
    """
    if has(code := f"policy_name.{name.replace(' ', '_')}"):
        return Text(code)
    groups, ending, beyond = name.rpartition(" first")
    return Text("policy_name.first", groups=groups) if ending and not beyond else name


def measure_text(name: str, lang: str = "en") -> str:
    """Return what a measure is called."""
    return str(told(_measure(name), lang))


def rule_text(rule: Any, lang: str = "en", amount: Amount | None = None) -> str:
    """Return one rule in words."""
    return str(told(rule_said(rule, amount), lang))


def goal_text(goal: Any, lang: str = "en", amount: Amount | None = None) -> str:
    """Return one goal in words."""
    return str(told(goal_said(goal, amount), lang))


def named_term(kind: str, position: int, term: Any) -> Text:
    """Return how messages call a rule or goal: by its number and what it looks at.

    Examples
    --------
    >>> print(named_term("goal", 0, Policy.fair().goals[0]))
    goal 1 (leximin fill_rate)
    """
    what = f"{term.op} {term.measure}"
    return Text(f"policy.named_{kind}", number=position + 1, text=what)


def subject_text(term: Any, lang: str = "en") -> str:
    """Return what a rule or goal measures, and what it is limited to."""
    return str(told(_what(term), lang))


def term_shown(term: Any, label: Callable[[str, str], str]) -> Any:
    """Return a rule or goal that says labels where it names records, to be told only.

    Parameters
    ----------
    label
        What people are shown, by type and id.
    """
    changes: dict[str, Any] = {}
    if term.where:
        changes["where"] = {
            key: tuple(label(key, value) for value in values)
            for key, values in term.where.items()
        }
    for field in ("bound", "upto", "weights"):
        numbers = getattr(term, field, None)
        if isinstance(numbers, dict):
            changes[field] = {
                group_shown(term.groups, key, label): number
                for key, number in numbers.items()
            }
    return term.model_copy(update=changes) if changes else term


def policy_shown(policy: Policy, label: Callable[[str, str], str]) -> Policy:
    """Return a policy that says labels where it names records, to be told only."""
    terms = {
        field: tuple(term_shown(term, label) for term in getattr(policy, field))
        for field in ("rules", "goals")
    }
    return policy.model_copy(update=terms)


def group_shown(
    keys: Sequence[str], group: Group, label: Callable[[str, str], str]
) -> Group:
    """Return a group with labels in it: by one key, or by two, as "one | other" too.

    Examples
    --------
    >>> group_shown(["community", "kind"], "a | sport", lambda kind, id_: id_.upper())
    'A | SPORT'
    """
    if isinstance(group, tuple):
        return tuple(label(key, part) for key, part in zip(keys, group, strict=True))
    parts = group.split(" | ", len(keys) - 1) if len(keys) > 1 else [group]
    if len(keys) != len(parts):
        return group
    return " | ".join(label(key, part) for key, part in zip(keys, parts, strict=True))


def rule_said(rule: Any, amount: Amount | None = None) -> Text:
    """Return one rule as a text."""
    what = _what(rule)
    if rule.op == "within":
        return Text(
            "term.within",
            what=what,
            width=_number(rule.width, rule.measure, amount),
            groups=_groups(rule.groups, n=2),
        )
    below = units_below_alone(rule)
    if below is not None:
        return Text("term.below_alone", units=below) if below else Text("term.alone")
    bound = _number(rule.bound, rule.measure, amount)
    named = "_named" if getattr(bound, "code", "").startswith("bound.") else ""
    text = Text(f"term.{rule.op}{named}", what=what, bound=bound)
    if rule.by == "assignment":
        return Text("term.each_assignment", text=text)
    if rule.groups:
        return Text("term.each_group", group=_groups(rule.groups), text=text)
    return text


def goal_said(goal: Any, amount: Amount | None = None) -> Text:
    """Return one goal as a text."""
    what = _what(goal)
    if goal.op in ("leximin", "leximax"):
        about = {"what": what, "group": _groups(goal.groups)}
        weights = getattr(goal, "weights", None)
        if weights in ("demand", "people"):
            field = Text(f"bound.{weights}")
            return Text("term.leximin_by_field", field=field, **about)
        weighted = "" if weights is None else "_weighted"
        return Text(f"term.{goal.op}{weighted}", **about)
    is_count = MEASURES[goal.measure].unit in ("units", "count", "days")
    text = Text(f"term.{goal.op}{'_many' if is_count else ''}", what=what)
    text = _upto(goal, text, amount)
    if goal.slack:
        share = _number(goal.slack, "fill_rate")
        return Text("term.slack", text=text, share=share)
    return text


def _upto(goal: Any, text: Text, amount: Amount | None) -> Text:
    """Add which groups a total adds up, and how far each counts."""
    group = _groups(goal.groups) if goal.groups else ""
    if goal.op == "minimize" or goal.upto is None:
        return Text("term.added_up", text=text, group=group) if group else text
    upto = _number(goal.upto, goal.measure, amount)
    if not group:
        return Text("term.up_to", text=text, upto=upto)
    return Text("term.up_to_each", text=text, group=group, upto=upto)


def _measure(name: str) -> Text | Own:
    """Return what a measure is called; who registers one brings its words along."""
    if has(f"measures.{name}"):
        return Text(f"measures.{name}")
    return Own(MEASURES[name].text, name)


def _what(term: Any) -> Text | Own:
    """Return the measure of a rule or goal and what it is limited to."""
    measure = _measure(term.measure)
    limits = [
        Text(
            "term.limit",
            name=Text(f"group.{key}", n=1),
            values=_joined("term.either", values),
        )
        for key, values in (term.where or {}).items()
    ]
    if not limits:
        return measure
    return Text("term.where", what=measure, limits=_joined("term.limits", limits))


def _groups(groups: Iterable[str], n: int = 1) -> str:
    """Return groups joined, the last one in the form for `n` of them."""
    *others, last = groups
    names = [
        *(Text(f"group.{name}", n=1) for name in others),
        Text(f"group.{last}", n=n),
    ]
    return _joined("term.both", names)


def _joined(code: str, parts: Iterable[str]) -> str:
    whole, *others = parts
    for part in others:
        whole = Text(code, one=whole, other=part)
    return whole


def _number(
    value: Fraction | str | Mapping[Any, Fraction],
    measure: str,
    amount: Amount | None = None,
) -> str:
    """Return a number, the name of a tier or a field, or numbers by group."""
    if isinstance(value, str):
        return Text(f"bound.{value}") if has(f"bound.{value}") else value
    if isinstance(value, Mapping):
        numbers = sorted((_key(key), number) for key, number in value.items())
        numbers_shown = [
            Text("term.limit", name=key, values=_number(number, measure, amount))
            for key, number in numbers
        ]
        if len(numbers_shown) > MANY:
            numbers_shown[MANY - 1 :] = [
                Text("term.more_numbers", count=len(numbers_shown))
            ]
        numbers_said = _joined(
            "term.limits", numbers_shown or [Text("term.no_numbers")]
        )
        return Text("term.own_numbers", numbers=numbers_said)
    if MEASURES[measure].unit == "ratio":
        share = value * 100
        shown = share.numerator if share.denominator == 1 else float(share)
        return f"{shown:g}%"  # exact: a bound is not rounded
    said = amount(MEASURES[measure].unit, value) if amount else None
    if said is not None:
        return said
    return f"{value.numerator}" if value.denominator == 1 else f"{float(value):g}"


def _key(key: str | tuple[str, str]) -> str:
    return key if isinstance(key, str) else " | ".join(key)


def _start(text: str) -> str:
    return text[:1].upper() + text[1:]
