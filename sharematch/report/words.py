"""What the page says, in every language it can be read in."""

from dataclasses import dataclass
from datetime import date

from sharematch.errors import InputError
from sharematch.text import LANGUAGES, Text, has, told

__all__ = ["Words", "capital", "check_language", "day_said", "plain", "same", "text"]


def check_language(lang: str) -> None:
    """Refuse a language in which nothing is said.

    Examples
    --------
    >>> check_language("zh")
    >>> check_language("fr")
    Traceback (most recent call last):
    sharematch.errors.InputError: lang 'fr': must be en or zh
    """
    if lang not in LANGUAGES:
        expected = " or ".join(LANGUAGES)
        raise InputError(
            "value.must_be", field="lang", value=repr(lang), expected=expected
        )


@dataclass(frozen=True, slots=True)
class Words:
    """What is said in each language; a capital begins it where `starts`."""

    said: str
    starts: bool = False

    def __getitem__(self, lang: str) -> str:
        words = str(told(self.said, lang))
        return words[:1].upper() + words[1:] if self.starts else words

    @property
    def differs(self) -> bool:
        """Whether languages say it otherwise."""
        return len({self[lang] for lang in LANGUAGES}) > 1


def text(code: str, **values: object) -> Words:
    """Return a word or sentence with values; they may be words too."""
    given = {k: v.said if isinstance(v, Words) else v for k, v in values.items()}
    return Words(Text(code, **given))


def same(value: object) -> Words:
    """Return what is the same in every language, or a text."""
    return Words(str(value))


def capital(words: Words) -> Words:
    """Return words that begin with a capital."""
    return Words(words.said, starts=True)


def day_said(day: date) -> Text:
    """Return a day as it is written in a sentence.

    Examples
    --------
    >>> day_said(date(2026, 12, 7))
    '7 December 2026'
    """
    return Text("date.day", day=day, month=Text(f"date.month_{day.month}"))


def plain(said: str) -> Words:
    """Return a rule, goal or conflict in the words of residents, where there are some.

    Examples
    --------
    >>> plain(Text("measures.served"))["en"], plain(Text("measures.cost"))["en"]
    ('places given', 'cost')
    """
    return same(_plain(said))


def _plain(said: object) -> str:
    if not isinstance(said, Text):
        return said  # type: ignore[return-value]  # a value, to be told as it is
    code = f"plain.{said.code.partition('.')[2]}"
    values = {name: _plain(value) for name, value in said.values.items()}
    return Text(code if has(code) else said.code, **values)
