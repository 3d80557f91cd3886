"""Advice in words, in English and Chinese."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from sharematch.text import percent

if TYPE_CHECKING:
    from sharematch.analysis.advice.values import Advice, Option, Purchase, Step

__all__ = ["advice_text", "option_text"]

EN = {
    "capacity": ("one more place", "{0} more places", "at {place}"),
    "slot": ("a new slot with one place", "a new slot with {0} places", "at {place}"),
    "hours": ("one place more", "{0} places more", "in a later hour at {place}"),
    "feature": ("{feature}", "{feature}", "at {place}"),
    "reach": ("travel further by 1", "travel further by {0}", "for {place}"),
}
ZH = {
    "capacity": ("增加1个名额", "增加{0}个名额", "在{place}"),
    "slot": ("新设1个名额的时段", "新设{0}个名额的时段", "在{place}"),
    "hours": ("延长时段、增加1个名额", "延长时段、增加{0}个名额", "在{place}"),
    "feature": ("增设{feature}", "增设{feature}", "在{place}"),
    "reach": ("出行范围扩大1", "出行范围扩大{0}", "对{place}"),
}
LONGEST = 10
"""Options that are told in words."""


def advice_text(advice: "Advice", lang: str = "en", most: int = LONGEST) -> str:
    """Return the best options, one sentence each, and what a budget buys.

    `most` options are told.
    """
    lines = []
    if not advice.options:
        lines.append(
            "增加这些都不会使更多人得到服务。"
            if lang == "zh"
            else "Nothing of this would serve anybody more."
        )
    for number, option in enumerate(advice.options[:most], 1):
        lines.append(f"{number}. {option_text(advice, option, lang)}")
    if (more := len(advice.options) - most) > 0:
        noun = "place" if more == 1 else "places"
        lines.append(
            f"……另有{more}处。" if lang == "zh" else f"… and {more} more {noun}."
        )
    if advice.num_unseen:
        lines.append(
            f"另有{advice.num_unseen}处未逐一计算。"
            if lang == "zh"
            else f"Not looked at: {advice.num_unseen}."
        )
    if advice.purchase is not None:
        lines += ["", *_purchase(advice, advice.purchase, lang)]
    return "\n".join(lines)


def option_text(advice: "Advice", option: "Option", lang: str = "en") -> str:
    """Return what an option brings, its first amount in full, larger ones in short."""
    one, many, where = (ZH if lang == "zh" else EN)[option.add]
    first = option.steps[0]
    what = (one if first.amount == 1 else many).format(first.amount, **option.place)
    place = where.format(place=_place(option.place, lang))
    more = [_short(step, lang) for step in option.steps[1:]]
    if lang == "zh":
        tail = f"（{'；'.join(more)}）" if more else ""
        return f"{place}{what}：{_effect(advice, first, lang)}{tail}。"
    tail = f" ({'; '.join(more)})" if more else ""
    return _start(f"{what} {place}: {_effect(advice, first, lang)}{tail}.")


def _place(place: Mapping[str, str], lang: str) -> str:
    names = {key: value for key, value in place.items() if key != "feature"}
    first, *rest = names.values()
    if lang == "zh":
        return f"{first}（{'，'.join(rest)}）" if rest else first
    return f"{first} ({', '.join(rest)})" if rest else first


def _effect(advice: "Advice", step: "Step", lang: str) -> str:
    gains = {g: n for g, n in step.changes.items() if n > 0}
    losses = {g: -n for g, n in step.changes.items() if n < 0}
    if lang == "zh":
        text = f"多服务{step.served}个单位"
        if gains:
            text += f"，受益：{_list(gains, lang)}"
        if losses:
            text += f"，减少：{_list(losses, lang)}"
        return text + _worst(advice, step, lang)
    text = f"{step.served} more {'unit' if step.served == 1 else 'units'} served"
    if gains:
        text += f", for {_list(gains, lang)}"
    if losses:
        text += f"; fewer for {_list(losses, lang)}"
    return text + _worst(advice, step, lang)


def _worst(advice: "Advice", step: "Step", lang: str) -> str:
    """Return how the worst-off group fares, if that changes."""
    if not advice.rates.now:
        return ""
    before, after = min(advice.rates.now.values()), min(advice.rates_after(step))
    a, b = percent(before, 1), percent(after, 1)
    if a == b:
        return ""
    if lang == "zh":
        return f"，最低满足率由{a}升至{b}"
    return f", the lowest share served rises from {a} to {b}"


def _short(step: "Step", lang: str) -> str:
    if lang == "zh":
        return f"增加{step.amount}个：多服务{step.served}个单位"
    return f"{step.amount} more: {step.served} units"


def _list(units: Mapping[str, int], lang: str, most: int = 4) -> str:
    order = sorted(units, key=lambda group: (-units[group], group))
    shown = [f"{g} ({units[g]})" if units[g] > 1 else g for g in order[:most]]
    if lang == "zh":
        more = f"等{len(order)}处" if len(order) > most else ""
        return "、".join(shown) + more
    more = f" and {len(order) - most} others" if len(order) > most else ""
    return ", ".join(shown) + more


def _purchase(advice: "Advice", bought: "Purchase", lang: str) -> Iterator[str]:
    places = _list(bought.places, lang, most=8)
    count = sum(bought.places.values())
    noun = "place" if count == 1 else "places"
    if lang == "zh":
        yield (
            f"预算{bought.budget}，用去{bought.spent}，购得{count}个名额：{places}。"
            if count
            else f"预算{bought.budget}买不到任何有用的名额。"
        )
    elif count:
        spent = f"{bought.spent} of {bought.budget}"
        yield f"Spending {spent} buys {count} {noun}: {places}."
    else:
        yield f"{bought.budget} buys no place that helps."
    if not count:
        return
    effect = _effect(advice, bought.step, lang)
    yield f"{effect}。" if lang == "zh" else _start(f"{effect}.")
    if not bought.is_best:
        yield (
            "这是逐个选出的方案，未必是最优组合。"
            if lang == "zh"
            else "They were chosen one by one; another set may be better."
        )


def _start(text: str) -> str:
    return text[:1].upper() + text[1:]
