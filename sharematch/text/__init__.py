"""What people read, said by code: one file of sentences for each language.

Facts are codes and values; `say` puts them into words. A `Text` is a sentence that
remembers which code and values it was made of, so that what was said in English can be
said in another language later. Nothing here knows about records, solvers or files.
"""

from sharematch.text.catalog import LANGUAGES, Lang
from sharematch.text.heard import heard
from sharematch.text.numbers import length, percent, total_length
from sharematch.text.saying import Text, about, has, say, text_of, told

__all__ = [
    "LANGUAGES",
    "Lang",
    "Text",
    "about",
    "has",
    "heard",
    "length",
    "percent",
    "say",
    "text_of",
    "told",
    "total_length",
]
