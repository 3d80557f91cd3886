"""Sentences by code and values."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import index
from string import Formatter
from typing import Any, Self

from sharematch.text.catalog import Lang, entry, form_for, header

__all__ = ["Own", "Text", "about", "has", "joined", "say", "text_of", "told"]


class Text(str):
    """An English sentence that remembers its code and values.

    It is a string like any other, so it may stand wherever one does. Values may be
    texts themselves.

    Parameters
    ----------
    code
        Of an entry in the catalog.
    **values
        For the names in it; the one called `n` also chooses the form.

    Examples
    --------
    >>> text = Text("value.must_be_at_least", low=3)
    >>> text, told(text, "zh")
    ('must be at least 3', '必须不小于 3')
    """

    __slots__ = ("code", "values")
    code: str
    values: Mapping[str, object]

    def __new__(cls, code: str, /, **values: object) -> Self:
        """Say it in English."""
        made = super().__new__(cls, say(code, Lang.EN, **values))
        made.code, made.values = code, values
        return made

    def __str__(self) -> str:
        # Itself: str(error) of an error made with a text is still that text.
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return _made, (self.code, self.values)


def _made(code: str, values: Mapping[str, object]) -> Text:
    return Text(code, **values)


def say(code: str, lang: Lang | str = Lang.EN, /, **values: object) -> str:
    """Return a sentence with values in place; without an entry the code's last part.

    Parameters
    ----------
    code
        The section and the entry in the files of sentences.
    lang
        A language; what it lacks is said in English.
    **values
        For the names in the entry. Numbers are shown as the entry says (``{n:,}``);
        texts are told in the same language.

    Examples
    --------
    >>> say("reason.travel"), say("reason.travel", "zh"), say("tier.borough")
    ('travel', '路程', 'borough')
    >>> say("remark.slots", n=1), say("remark.slots", n=2)
    ('1 slot', '2 slots')
    """
    sentence, spoken = entry(code, lang)
    if sentence is None:
        return code.partition(".")[2] if "." in code else code
    if isinstance(sentence, list):
        sentence = sentence[form_for(values["n"], spoken)]
    if not values and "{" not in sentence:
        return sentence
    given = {name: told(v, lang) for name, v in values.items()}
    for name in _COUNTED.findall(sentence) if "|" in sentence else ():
        given[name] = _Counted(given[name], spoken)
    if "dense" in header(spoken):
        return _filled_densely(sentence, given)
    return sentence.format_map(given)


class _Marking(Formatter):
    """Puts marks around what is filled in."""

    def format_field(self, value: Any, format_spec: str) -> str:
        return f"{_MARK}{super().format_field(value, format_spec)}{_MARK}"


_MARK = "\ue000"
_DENSE = "\u2e80-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef“”‘’…—"
"""Ideographs and the punctuation among them, which need no space at their side."""
_GAPS = re.compile(
    f"(?<=[{_DENSE}]) (?={_MARK}[{_DENSE}])"
    f"|(?<=[{_DENSE}]{_MARK}) (?={_MARK}?[{_DENSE}])"
    f"|{_MARK}"
)


def _filled_densely(template: str, values: Mapping[str, object]) -> str:
    """Fill in values; a space that a Latin one would need goes between ideographs.

    Examples
    --------
    >>> [_filled_densely("在 {place} 增加", {"place": p}) for p in ("hall", "天封")]
    ['在 hall 增加', '在天封增加']
    >>> _filled_densely("- {one} {other}", {"one": "天封", "other": "a 社区"})
    '- 天封 a 社区'
    """
    return _GAPS.sub("", _Marking().vformat(template, (), values))


_COUNTED = re.compile(r"\{(\w+):[^}|]*\|")


class _Counted:
    """A number that is shown with what it counts: ``{units:unit|units}``.

    Examples
    --------
    >>> "{n:place|places}".format(n=_Counted(1, "en"))
    '1 place'
    >>> "{n:,place|places}".format(n=_Counted(1200, "en"))
    '1,200 places'
    """

    def __init__(self, number: Any, lang: str) -> None:
        is_whole = hasattr(number, "__index__")  # also an entry of an array
        self.number, self.lang = index(number) if is_whole else number, lang

    def __format__(self, spec: str) -> str:
        if "|" not in spec:
            return format(self.number, spec)
        forms = spec.removeprefix(",").split("|")
        form = forms[form_for(self.number, self.lang)]
        return f"{self.number:{',' * spec.startswith(',')}} {form}"


def told(value: Any, lang: Lang | str) -> Any:
    """Return a text in a language; anything else as it is.

    Examples
    --------
    >>> told(Text("value.is_missing"), "zh"), told("a poem", "zh"), told(3, "zh")
    ('缺失', 'a poem', 3)
    """
    if isinstance(value, Own):
        return value.words.get(lang) or value.words.get(Lang.EN) or value.name
    if not isinstance(value, Text):
        return value
    return (
        str.__str__(value) if lang == Lang.EN else say(value.code, lang, **value.values)
    )


@dataclass(frozen=True)
class Own:
    """Words that somebody brings along, by language; `name` where there are none.

    Examples
    --------
    >>> quiet = Own({"en": "units after six"}, "evening")
    >>> told(quiet, "zh"), told(Own({}, "evening"), "zh")
    ('units after six', 'evening')
    """

    words: Mapping[str, str]
    name: str


def about(subject: object, what: str, /, **values: object) -> Text:
    """Return what is said about something: a text, a code with values, or a sentence.

    Examples
    --------
    >>> told(about(Text("policy.goal", number=2), "coupling.slack_couples_goals"), "zh")
    '目标 2：slack 使目标相互关联'
    """
    return Text("problem.about", about=subject, what=text_of(what, **values))


def joined(code: str, parts: Iterable[str], lang: Lang | str = Lang.EN) -> str:
    """Return parts put together two by two as an entry says: ``{one} … {other}``.

    Examples
    --------
    >>> joined("term.sentences", ["One.", "Two.", "Three."])
    'One. Two. Three.'
    """
    first, *others = [part for part in parts if part] or [""]
    return reduce(
        lambda one, other: say(code, lang, one=one, other=other), others, first
    )


def has(code: str) -> bool:
    """Return whether something is said for a code."""
    return entry(code, Lang.EN)[0] is not None


def text_of(message: str, /, **values: object) -> str:
    """Return the text of a code; other sentences as they are.

    Examples
    --------
    >>> text_of("value.is_missing"), text_of("anything else")
    ('is missing', 'anything else')
    """
    if isinstance(message, Text) or not has(message):
        return message
    return Text(message, **values)
