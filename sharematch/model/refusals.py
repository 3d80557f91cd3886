"""Why something is refused, and what cannot hold together, in words of both languages.

Codes and numbers come from elsewhere; here are only the sentences.
"""

import json
from collections.abc import Sequence
from typing import Any

from sharematch.model.wording import rule_text

__all__ = ["conflict_notes", "conflict_text", "refusal_text", "with_bound"]

_REFUSALS = {
    "kind": ("it offers something else", "提供的是别的服务"),
    "time": ("it is at another time", "时间不合"),
    "closed": ("the host uses it at that time", "该时段由单位自用"),
    "length": ("no booking of that length fits there", "放不下这么长的预订"),
    "share": ("it is not shared so widely", "共享范围不包括该社区"),
    "radius": ("the service does not come so far", "超出上门服务范围"),
    "travel": ("it is too far", "路程太远"),
    "feature": ("it lacks what is required", "缺少所需条件"),
    "fee": ("it costs too much", "费用太高"),
    "group": ("it is for other groups", "面向其他人群"),
    "people": ("it is for more or fewer people", "人数不合"),
    "choice": ("it is not among the choices", "不在所选范围内"),
    "decision": ("it was declined or ruled out", "已谢绝或已排除"),
    "rule": ("a rule of the policy excludes it", "政策规则不允许"),
}


def refusal_text(code: str, lang: str = "en") -> str:
    """Return why a place cannot be used.

    Examples
    --------
    >>> refusal_text("travel"), refusal_text("travel", "zh")
    ('it is too far', '路程太远')
    """
    return _REFUSALS[code][lang == "zh"]


_SENTENCES = {
    "keeps": (
        "{need} keeps {quantity} of {slot}",
        "{need} 保留 {slot} 的 {quantity} 个名额",
    ),
    "not_possible": (" (not possible: {why})", "（无法做到：{why}）"),
    "enough": ("; enough would be: {text}", "；放宽到这样即可：{text}"),
    "withdrawn": ("; it would have to be withdrawn", "；须撤回这一决定"),
    "one_alone": (
        "To resolve this, changing one of these alone is enough.",
        "要解决冲突，只改其中一项即可。",
    ),
    "asked": (
        "Together they need at least {least} units; asked for are {there}.",
        "合计至少需要 {least} 个单位，而申请的只有 {there} 个。",
    ),
    "places": (
        "Together they need at least {least} units; there are places for {there}.",
        "合计至少需要 {least} 个单位，而名额只有 {there} 个。",
    ),
    "asked_alone": (
        "It needs at least {least} units; asked for are {there}.",
        "它至少需要 {least} 个单位，而申请的只有 {there} 个。",
    ),
    "places_alone": (
        "It needs at least {least} units; there are places for {there}.",
        "它至少需要 {least} 个单位，而名额只有 {there} 个。",
    ),
    "as_far": (
        "A floor holds in full or not at all; a goal goes as far as there is demand: "
        "Maximize(…, upto={least}).",
        "下限要么完全满足，要么不成立；目标则能满足多少算多少："
        "Maximize(…, upto={least})。",
    ),
    "left": (" (then something else still conflicts)", "（此后仍有其他冲突）"),
}


def conflict_text(term: Any, rules: Sequence[Any], lang: str = "en") -> str:
    """Return a member of a conflict and what would resolve it, in the user's words.

    Parameters
    ----------
    term
        A `ConflictTerm`.
    rules
        Those of the policy.
    """

    def say(key: str, **values: object) -> str:
        return _SENTENCES[key][lang == "zh"].format(**values)

    ids = {"need": term.need, "slot": term.slot}
    relaxed = ""
    if term.rule is None:
        text = say("keeps", **ids, quantity=term.quantity)
        if term.code:
            text += say("not_possible", why=refusal_text(term.code, lang))
        if term.relaxed == "0":
            relaxed = say("withdrawn")
        elif term.relaxed:
            fewer = say("keeps", **ids, quantity=term.relaxed)
            relaxed = say("enough", text=fewer)
    else:
        rule = rules[term.rule - 1]
        if term.bound:
            rule = with_bound(rule, term.bound)
        text = rule_text(rule, lang)
        if term.relaxed:
            relaxed = say(
                "enough", text=rule_text(with_bound(rule, term.relaxed), lang)
            )
    return text + relaxed + (say("left") if term.remains else "")


def conflict_notes(terms: Sequence[Any], lang: str = "en") -> list[str]:
    """Return what is to be said of a conflict as a whole.

    The units that its floors need where there are fewer, and that one change is enough.

    Parameters
    ----------
    terms
        The `ConflictTerm` values of one conflict.
    """
    notes = []
    short = [term for term in terms if term.least is not None]
    for term in short[:1]:
        there = {"asked": term.asked, "places": term.places}
        for key, count in there.items():
            if count is not None:
                words = _SENTENCES[key if len(short) > 1 else f"{key}_alone"]
                notes.append(words[lang == "zh"].format(least=term.least, there=count))
        if term.asked is not None:
            words = _SENTENCES["as_far"]
            notes.append(words[lang == "zh"].format(least=term.least))
    if len(terms) > 1 and all(term.relaxed for term in terms):
        notes.append(_SENTENCES["one_alone"][lang == "zh"])
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
