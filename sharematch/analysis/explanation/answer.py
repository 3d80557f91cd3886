"""explain(): why a need, a slot, a community or a rule fares as it does."""

from dataclasses import dataclass
from difflib import get_close_matches
from html import escape
from itertools import groupby
from numbers import Integral
from typing import Any

from sharematch.analysis.explanation.counterfactuals import (
    community_answer,
    need_answer,
)
from sharematch.analysis.explanation.facts import Facts, NoPlanFacts, written
from sharematch.analysis.explanation.phrases import Reader
from sharematch.analysis.explanation.prose import prose
from sharematch.analysis.explanation.rule import rule_facts
from sharematch.analysis.explanation.setting import Setting
from sharematch.analysis.explanation.slot import slot_facts
from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.encoding import encode
from sharematch.errors import InputError, Problem
from sharematch.model.arguments import expect, hide_private
from sharematch.plans.results.given import instance_first
from sharematch.plans.results.result import Result
from sharematch.text import Text

__all__ = ["Explanation", "explain"]


@hide_private
@dataclass(frozen=True, eq=False)
class Explanation:
    """Why something fares as it does: facts first, and prose made from them.

    Attributes
    ----------
    about
        ``need``, ``slot``, ``community`` or ``rule``.
    id
        Of what was asked about; a rule's position, from 1.
    facts
        Codes, ids and numbers; one of the values of
        `sharematch.analysis.explanation.facts`.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> result = sm.solve(town)
    >>> told = sm.explain(town, result, need=town.needs[0].id)
    >>> told.about, told.id == town.needs[0].id
    ('need', True)
    """

    about: str
    id: str
    facts: Facts
    _reader: Reader

    def to_dict(self) -> dict[str, Any]:
        """Return the facts as plain values: ratios as "a/b", money as text."""
        head: dict[str, Any] = {"about": self.about, "id": self.id}
        return head | {"facts": written(self.facts)}

    def text(self, lang: str = "en") -> str:
        """Return the explanation in words, English (`en`) or Chinese (`zh`)."""
        return prose(self.facts, self._reader, lang)

    def __str__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        """Return the explanation for notebooks: lines as paragraphs, lists as lists."""
        html = ""
        for is_list, lines in groupby(self.text().splitlines(), _is_item):
            inner = (escape(line.removeprefix("- ")) for line in lines if line)
            tag = "li" if is_list else "p"
            parts = "".join(f"<{tag}>{line}</{tag}>" for line in inner)
            html += f"<ul>{parts}</ul>" if is_list else parts
        return html


def _is_item(line: str) -> bool:
    return line.startswith("- ")


@instance_first
def explain(
    result: Result,
    *,
    need: str | None = None,
    slot: str | None = None,
    community: str | None = None,
    rule: int | None = None,
) -> Explanation:
    """Say why a need, a slot, a community or a rule fares as it does.

    Everything is computed anew from the records and the plan; of a result read from a
    file, `read_result(path, instance)` gives them.

    Parameters
    ----------
    result
        From `solve`, or read together with its instance.
    need, slot, community
        An id; exactly one of the four is asked about.
    rule
        Position of a rule in the policy, from 1.

    Returns
    -------
    For a need what it got, which slots it could use and who has them, why the others
    are out and by how much, what decided, and the smallest changes that would have
    served it. For a slot who uses it and who was turned away, for a community what
    binds it, for a rule whether it binds and for whom. Communities are named, persons
    never. Of a result without a plan, why there is none.

    Raises
    ------
    InputError
        For an unknown id, more or less than one question, or a result without its
        instance.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.Instance(
    ...     communities=[sm.Community(id="tianfeng")],
    ...     facilities=[sm.Facility(id="station", community="tianfeng")],
    ...     slots=[sm.Slot(id="mon", facility="station", kinds=["health"], capacity=1)],
    ...     needs=[sm.Need(id="t", community="tianfeng", kind="health", quantity=2)],
    ... )
    >>> facts = explain(sm.solve(town), need="t").facts
    >>> facts.served, facts.reason, [place.full_by for place in facts.places]
    (1, 'full', ['capacity'])
    """
    expect(Result, result=result)
    expect(str, None, need=need, slot=slot, community=community)
    expect(Integral, None, rule=rule)
    asked: dict[str, str | int] = {
        key: value
        for key, value in (
            ("need", need),
            ("slot", slot),
            ("community", community),
            ("rule", rule),
        )
        if value is not None
    }
    if len(asked) != 1:
        raise InputError(
            "ask.questions_at_once",
            count=len(asked),
            hint="ask.one_of_need_slot_community_rule",
        )
    ((about, id_),) = asked.items()
    if about == "rule":
        _check_rule(result, id_)
    if not result.status.has_plan:
        facts: Facts = _no_plan(result, about, id_)
        columns = None if result.instance is None else encode(result.instance)
        return Explanation(about, str(id_), facts, Reader(columns, result.policy))
    columns = result.columns
    if columns is None:
        raise InputError(
            "ask.an_explanation_needs_the_instance", hint="read_result(…, instance)"
        )
    setting = Setting(columns, result)
    reader = Reader(columns, result.policy)
    if about == "rule":
        facts = rule_facts(setting, int(id_) - 1)
    else:
        position = _position(columns, about, str(id_))
        build: Any = {"need": need_answer, "slot": slot_facts}.get(
            about, community_answer
        )
        facts = build(setting, position)
    return Explanation(about, str(id_), facts, reader)


def _check_rule(result: Result, rule: Any) -> None:
    count = len(result.policy.rules)
    if isinstance(rule, bool) or not isinstance(rule, int) or not 1 <= rule <= count:
        code = (
            "ask.the_policy_has_rules_1_to" if count else "ask.the_policy_has_no_rules"
        )
        raise InputError(code, field="rule", value=str(rule), count=count)


def _position(columns: Columns, about: str, id_: str) -> int:
    known = columns.position[about]
    if id_ not in known:
        near = "".join(get_close_matches(id_, known, 1))
        message = Text("instance.is_not_in_the_instance")
        raise InputError([Problem(message, about, id_, hint=near)])
    return known[id_]


def _no_plan(result: Result, about: str, id_: str | int) -> NoPlanFacts:
    conflict = result.conflict or ()
    named = any(getattr(term, about, None) == id_ for term in conflict)
    return NoPlanFacts(result.status.value, conflict, named)
