"""A season: a draft, the answers to it, and the plan made anew."""

from sharematch.model.answers import Answer, decide
from sharematch.season.chances import Chance, chances
from sharematch.season.changes import Change
from sharematch.season.decisions import Revision, resolve
from sharematch.season.letters import Letter
from sharematch.season.lottery import Draw, commitment, draw, number
from sharematch.season.scenarios import Step, WhatIf, joining, leaving, opening, what_if
from sharematch.season.scoring import Score, score

__all__ = [
    "Answer",
    "Chance",
    "Change",
    "Draw",
    "Letter",
    "Revision",
    "Score",
    "Step",
    "WhatIf",
    "chances",
    "commitment",
    "decide",
    "draw",
    "joining",
    "leaving",
    "number",
    "opening",
    "resolve",
    "score",
    "what_if",
]
