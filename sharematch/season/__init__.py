"""A season: a draft, the answers to it, and the plan made anew."""

from sharematch.model.answers import Answer, decide
from sharematch.season.changes import Change
from sharematch.season.decisions import Revision, resolve
from sharematch.season.letters import Letter

__all__ = ["Answer", "Change", "Letter", "Revision", "decide", "resolve"]
