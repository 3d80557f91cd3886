"""What people read, said by code: one file of sentences for each language.

Facts are codes and values; `say` puts them into words. A `Text` is a sentence that
remembers which code and values it was made of, so that what was said in English can be
said in another language later. Nothing here knows about records, solvers or files.
"""

from sharematch.text.catalog import LANGUAGES, Lang, header
from sharematch.text.heard import heard
from sharematch.text.numbers import (
    length,
    month_text,
    percent,
    total_length,
    total_length_said,
)
from sharematch.text.saying import Own, Text, about, has, joined, say, text_of, told

__all__ = [
    "LANGUAGES",
    "Lang",
    "Own",
    "Text",
    "about",
    "has",
    "header",
    "heard",
    "joined",
    "length",
    "month_text",
    "percent",
    "say",
    "text_of",
    "told",
    "total_length",
    "total_length_said",
]
