"""Advice in words."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from sharematch.model.wording import group_shown
from sharematch.text import percent, say
from sharematch.text.tables import Table

if TYPE_CHECKING:
    from sharematch.analysis.advice.values import Advice, Option, Purchase, Step
    from sharematch.core.columns.labels import Label

__all__ = ["advice_text", "gains_text", "option_text", "shown_table"]

LONGEST = 10
"""Options that are told in words."""


def advice_text(advice: "Advice", lang: str = "en", most: int = LONGEST) -> str:
    """Return the best options, one sentence each, and what a budget buys.

    `most` options are told.
    """
    lines = []
    if not advice.options:
        lines.append(say("advice.nothing", lang))
    for number, option in enumerate(advice.options[:most], 1):
        lines.append(f"{number}. {option_text(advice, option, lang)}")
    if (more := len(advice.options) - most) > 0:
        lines.append(say("advice.more_places", lang, n=more))
    if advice.num_unseen:
        lines.append(say("advice.unseen", lang, n=advice.num_unseen))
    if advice.purchase is not None:
        lines += ["", *_purchase(advice, advice.purchase, lang)]
    return "\n".join(lines)


def option_text(advice: "Advice", option: "Option", lang: str = "en") -> str:
    """Return what an option brings, its first amount in full, larger ones in short."""
    first = option.steps[0]
    place = {"place": _place(option.place, advice.label, lang), "n": first.amount}
    if option.add == "feature":
        place["feature"] = option.place["feature"]
    what = say(f"advice.{option.add}", lang, **place)
    effect = _effect(advice, first, lang)
    more = [_short(step, lang) for step in option.steps[1:]]
    if not more:
        return _start(say("advice.option", lang, what=what, effect=effect))
    listed = say("list.semicolon", lang).join(more)
    text = say("advice.option_more", lang, what=what, effect=effect, more=listed)
    return _start(text)


def _place(place: Mapping[str, str], label: "Label", lang: str) -> str:
    first, *other_names = (
        label(key, value) for key, value in place.items() if key != "feature"
    )
    if not other_names:
        return first
    more = say("list.comma", lang).join(other_names)
    return say("advice.place", lang, name=first, more=more)


def _effect(advice: "Advice", step: "Step", lang: str) -> str:
    gains = {g: n for g, n in step.changes.items() if n > 0}
    losses = {g: -n for g, n in step.changes.items() if n < 0}
    text = say("advice.served", lang, n=step.served)
    for code, units in (("advice.gains", gains), ("advice.losses", losses)):
        if units:
            text = say(
                code, lang, effect=text, names=_list(_shown(advice, units), lang)
            )
    if not advice.rates.now:
        return text
    before, after = min(advice.rates.now.values()), min(advice.rates_after(step))
    rates = {"before": percent(before, 1), "after": percent(after, 1)}
    if rates["before"] == rates["after"]:
        return text
    return say("advice.worst", lang, effect=text, **rates)


def _shown(advice: "Advice", units: Mapping[str, int]) -> dict[str, int]:
    """Return units by the labels of the groups that the policy is fair between."""
    return {group_label(advice, group): n for group, n in units.items()}


def group_label(advice: "Advice", group: str) -> str:
    """Return what people are shown for a group that the policy is fair between."""
    return group_shown(advice.rates.by.split(" and "), group, advice.label)


def shown_table(advice: "Advice") -> Table:
    """Return the options as a table that people read."""
    table = advice.table
    rows = []
    for option, row in zip(advice.options, table.rows, strict=True):
        places = {k: advice.label(k, v) for k, v in option.place.items()}
        gains = [
            group_label(advice, g) for g, n in option.steps[0].changes.items() if n > 0
        ]
        rows.append(
            {
                **row,
                **places,
                **({"gains": gains_text(gains)} if "gains" in row else {}),
            }
        )
    return Table(rows, table.columns)


def gains_text(gains: Sequence[str]) -> str:
    """Return who gains, the first few."""
    more = f" and {len(gains) - 3} more" if len(gains) > 3 else ""
    return ", ".join(gains[:3]) + more


def _short(step: "Step", lang: str) -> str:
    return say("advice.short", lang, amount=step.amount, n=step.served)


def _list(units: Mapping[str, int], lang: str, most: int = 4) -> str:
    order = sorted(units, key=lambda group: (-units[group], group))
    names = say("list.items", lang).join(
        say("list.counted", lang, name=g, n=units[g]) if units[g] > 1 else g
        for g in order[:most]
    )
    num_unnamed = len(order) - most
    return (
        say("list.others", lang, names=names, n=num_unnamed)
        if num_unnamed > 0
        else names
    )


def _purchase(advice: "Advice", bought: "Purchase", lang: str) -> Iterator[str]:
    count = sum(bought.places.values())
    if not count:
        yield say("advice.buys_nothing", lang, budget=bought.budget)
        return
    yield say(
        "advice.buys",
        lang,
        spent=bought.spent,
        budget=bought.budget,
        n=count,
        places=_list(
            {advice.label("slot", slot): n for slot, n in bought.places.items()},
            lang,
            most=8,
        ),
    )
    effect = _effect(advice, bought.step, lang)
    yield _start(say("advice.effect", lang, effect=effect))
    if not bought.is_best:
        yield say("advice.one_by_one", lang)


def _start(text: str) -> str:
    return text[:1].upper() + text[1:]
