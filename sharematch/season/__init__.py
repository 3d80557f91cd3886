"""A season: rounds of drafts, answers and final plans, and fairness carried over.

`Season`, the rounds in a database, needs the extra `season`.
"""

from typing import TYPE_CHECKING, Any

from sharematch.errors import InputError
from sharematch.model.answers import Answer, decide
from sharematch.model.extras import install
from sharematch.model.lots import Commitment, commitment, number
from sharematch.plans.repeating import DayOff, NotHeld, Repeated, Series, repeat
from sharematch.season.carrying import Carried, NotCarried, carry
from sharematch.season.chances import Chance, chances
from sharematch.season.changes import Change
from sharematch.season.consent import questions
from sharematch.season.decisions import Revision, resolve
from sharematch.season.ledger import Count, Rule, Used, counts_of, past_of
from sharematch.season.letters import Letter
from sharematch.season.lottery import Draw, draw
from sharematch.season.scenarios import Step, WhatIf, joining, leaving, opening, what_if
from sharematch.season.scoring import Score, score
from sharematch.season.simulation import Simulation, simulate

if TYPE_CHECKING:
    from sharematch.season.store import Season

__all__ = [
    "Answer",
    "Carried",
    "Chance",
    "Change",
    "Commitment",
    "Count",
    "DayOff",
    "Draw",
    "Letter",
    "NotCarried",
    "NotHeld",
    "Repeated",
    "Revision",
    "Rule",
    "Score",
    "Season",
    "Series",
    "Simulation",
    "Step",
    "Used",
    "WhatIf",
    "carry",
    "chances",
    "commitment",
    "counts_of",
    "decide",
    "draw",
    "joining",
    "leaving",
    "number",
    "opening",
    "past_of",
    "questions",
    "repeat",
    "resolve",
    "score",
    "simulate",
    "what_if",
]


def __getattr__(name: str) -> Any:
    if name != "Season":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        from sharematch.season.store import Season  # noqa: PLC0415 (of an extra)
    except ImportError as error:
        raise InputError(
            "season.a_season_in_a_database_needs",
            package=error.name,
            hint=install("season"),
        ) from None
    return Season
