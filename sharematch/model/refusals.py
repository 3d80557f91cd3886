"""Why something is refused, and what cannot hold together, in words of both languages.

Codes and numbers come from elsewhere; here are only the sentences.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any

from sharematch.model.wording import amount_of, rule_said, term_shown
from sharematch.text import Text, told

__all__ = [
    "conflict_notes",
    "conflict_said",
    "conflict_text",
    "notes_said",
    "with_bound",
]


Label = Callable[[str, str], str]


def _as_ids(_kind: str, id_: str) -> str:
    return id_


def conflict_text(
    term: Any, rules: Sequence[Any], lang: str = "en", label: Label = _as_ids
) -> str:
    """Return a member of a conflict and what would resolve it, in the user's words.

    Parameters
    ----------
    term
        A `ConflictTerm`.
    rules
        Those of the policy.
    label
        What people are shown for a record, by type and id.
    """
    return str(told(conflict_said(term, rules, label), lang))


def conflict_said(term: Any, rules: Sequence[Any], label: Label = _as_ids) -> Text:
    """Return a member of a conflict as a text, see `conflict_text`."""
    if term.rule is None:
        ids = {key: label(key, getattr(term, key)) for key in ("need", "slot")}
        text = Text("conflict.keeps", **ids, quantity=term.quantity)
        if term.code:
            why = Text(f"refused.{term.code}")
            text = Text("conflict.not_possible", what=text, why=why)
        if term.relaxed == "0":
            text = Text("conflict.withdrawn", what=text)
        elif term.relaxed:
            fewer = Text("conflict.keeps", **ids, quantity=term.relaxed)
            text = Text("conflict.enough", what=text, text=fewer)
    else:
        rule = rules[term.rule - 1]
        if term.bound:
            rule = with_bound(rule, term.bound)
        text = rule_said(term_shown(rule, label), amount_of(label))
        if term.relaxed:
            looser = with_bound(rules[term.rule - 1], term.relaxed)
            looser = rule_said(term_shown(looser, label), amount_of(label))
            text = Text("conflict.enough", what=text, text=looser)
    if term.remains:
        text = Text("conflict.left", what=text)
    return text


def conflict_notes(terms: Sequence[Any], lang: str = "en") -> list[str]:
    """Return what is to be said of a conflict as a whole.

    The units that its floors need where there are fewer, and that one change is enough.

    Parameters
    ----------
    terms
        The `ConflictTerm` values of one conflict.
    """
    return [str(told(note, lang)) for note in notes_said(terms)]


def notes_said(terms: Sequence[Any]) -> list[Text]:
    """Return what is to be said of a conflict as texts, see `conflict_notes`."""
    notes = []
    short = [term for term in terms if term.least is not None]
    for term in short[:1]:
        there = {"asked": term.asked, "places": term.places}
        for key, count in there.items():
            if count is not None:
                code = f"conflict.{key}{'' if len(short) > 1 else '_alone'}"
                notes.append(Text(code, least=term.least, n=count))
        if term.asked is not None:
            notes.append(Text("conflict.as_far", least=term.least))
    if len(terms) > 1 and all(term.relaxed for term in terms):
        notes.append(Text("conflict.one_alone"))
    return notes


def with_bound(rule: Any, bound: str) -> Any:
    """Return a rule with the bound or width that a text says.

    Raises
    ------
    ValueError
        For a text that is no bound; `InputError` for one that is none of this rule.
    """
    field = "width" if rule.op == "within" else "bound"
    kept = {"measure": rule.measure, "by": rule.by, "where": rule.where}
    value: Any = json.loads(bound) if bound.startswith("{") else bound
    return type(rule)(**kept, **{field: value})
