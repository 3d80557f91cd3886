"""What other libraries say in English alone, recognised by the English of the catalog.

Typer, the readers of JSON and TOML, and the system give sentences, not codes.
"""

import re
from functools import cache

from sharematch.text.catalog import Lang, section
from sharematch.text.saying import Text

__all__ = ["heard"]

LONGEST = 1_000
"""Characters of a sentence; what is longer holds somebody's data."""

_NAME = re.compile(r"\{(\w+)\}")


def heard(name: str, sentence: str) -> str:
    """Return the text of a sentence; what is not in the section stays as it is.

    Examples
    --------
    >>> from sharematch.text import told
    >>> told(heard("system", "Permission denied"), "zh")
    '没有权限'
    >>> told(heard("usage", "No such command 'solv'."), "zh")
    "没有命令 'solv'。"
    """
    if isinstance(sentence, Text) or len(sentence) > LONGEST:
        return sentence
    for code, pattern in _patterns(name):
        if match := pattern.fullmatch(sentence):
            parts = match.groupdict().items()
            return Text(code, **{key: heard(name, part) for key, part in parts})
    return sentence


@cache
def _patterns(name: str) -> list[tuple[str, re.Pattern[str]]]:
    """Return what to look for, that with the most words of its own first."""
    patterns = []
    for key, english in section(Lang.EN, name).items():
        first, *pieces = _NAME.split(str(english))
        pattern, literal = re.escape(first), first
        for value, words in zip(pieces[::2], pieces[1::2], strict=True):
            pattern += f"(?P<{value}>.+?){re.escape(words)}"
            literal += words
        patterns.append((len(literal), f"{name}.{key}", re.compile(pattern, re.DOTALL)))
    patterns.sort(key=lambda item: -item[0])
    return [(code, pattern) for _, code, pattern in patterns]
