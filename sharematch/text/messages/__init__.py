"""What the library says when something is wrong, in Chinese.

Errors are facts and an English sentence, made where something is found wrong; that is
what `str` of an error returns. Here every such sentence has its Chinese one, by the
English with {names} for what differs, and is looked up when it is shown.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache

from sharematch.errors import InputError, SharematchError
from sharematch.text.messages import (
    commands,
    files,
    plans,
    policies,
    records,
    seasons,
    standards,
    usage,
)
from sharematch.text.words import Lang

__all__ = ["CHINESE", "error_text", "speaker"]

CHINESE: Mapping[str, str] = {
    **records.CHINESE,
    **files.CHINESE,
    **standards.CHINESE,
    **policies.CHINESE,
    **plans.CHINESE,
    **seasons.CHINESE,
    **usage.CHINESE,
    **commands.CHINESE,
}
"""All sentences, by the English."""

TOLD = {
    *("code", "named", "none", "records", "others", "some", "what", "type"),
    *("before", "after", "group", "cause"),
}
"""Names of what is told in Chinese itself, and may be a whole sentence.

All else stands as it is, and ends where ": " begins another part.
"""

NAME = re.compile(r"\{(\w+)\}")

LONGEST = 1_000
"""Characters of a sentence; what is longer holds somebody's data."""

MAYBE = "\nMaybe "
"""Stands between what is wrong and what may mend it."""


def speaker(lang: Lang | str) -> Callable[[str], str]:
    """Return what tells an English sentence in a language; unknown ones stay English.

    Examples
    --------
    >>> say = speaker("zh")
    >>> say("rule 2: must be at least 3"), say("a poem")
    ('规则 2: 必须不小于 3', 'a poem')
    """
    return _chinese if lang == Lang.ZH else str


def error_text(error: SharematchError, lang: Lang | str) -> str:
    """Return what an error says, in a language."""
    say = speaker(lang)
    if isinstance(error, InputError):
        return "\n".join(problem.told(say) for problem in error.problems)
    return say(str(error))


def _chinese(text: str) -> str:
    message, maybe, hint = text.partition(MAYBE)
    if maybe:
        return f"{_chinese(message)}\n{CHINESE['Maybe']} {_chinese(hint)}"
    told: list[str] = []
    while (whole := _looked_up(text)) is None:
        subject, colon, text = text.partition(": ")
        told.append(_looked_up(subject) or subject)
        if not colon:
            return ": ".join(told)
    return ": ".join([*told, whole])


def _looked_up(text: str) -> str | None:
    """Return what is said for a sentence, None where it is unknown, or very long."""
    if text in CHINESE:
        return CHINESE[text]
    if len(text) > LONGEST:
        return None
    for pattern, chinese in _patterns():
        if found := pattern.fullmatch(text):
            return NAME.sub(lambda name: _value(name[1], found[name[1]]), chinese)
    return None


def _value(name: str, value: str) -> str:
    return _chinese(value) if name in TOLD else value


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """Return what to look for, that with the most words of its own first."""
    found = []
    for english, chinese in CHINESE.items():
        first, *rest = NAME.split(english)
        if not rest:
            continue
        pattern, literal = re.escape(first), first
        for name, words in zip(rest[::2], rest[1::2], strict=True):
            some = ".+?" if name in TOLD else "(?:(?!: ).)+?"
            pattern += f"(?P<{name}>{some}){re.escape(words)}"
            literal += words
        found.append((len(literal), re.compile(pattern, re.DOTALL), chinese))
    found.sort(key=lambda item: -item[0])
    return [(pattern, chinese) for _, pattern, chinese in found]
