"""Wrong commands, answered in the language asked for."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise, takewhile
from typing import Any

import typer

from sharematch.text import Lang, Text, heard, say, told

__all__ = ["answering", "asked_lang", "asks_for_json"]

UsageError: Any = typer.BadParameter.__base__


def asked_lang(arguments: Sequence[str]) -> Lang | None:
    """Return the language that arguments ask for, if they do.

    Examples
    --------
    >>> str(asked_lang(["solve", "--lang", "zh"])), asked_lang(["solve", "--lang=xx"])
    ('zh', None)
    """
    words = [part for text in arguments for part in text.split("=", 1)]
    for option, value in pairwise(words):
        if option == "--lang" and value in list(Lang):
            return Lang(value)
    return None


def asks_for_json(arguments: Sequence[str]) -> bool:
    """Return whether arguments ask for a JSON document.

    Examples
    --------
    >>> asks_for_json(["solve", "--json"]), asks_for_json(["solve", "--", "--json"])
    (True, False)
    """
    options = takewhile(lambda text: text != "--", arguments)
    return "--json" in options


@contextmanager
def answering(lang: Lang, *, as_json: bool) -> Iterator[None]:
    """Answer a wrong command on stderr, and end with exit code 2.

    Where JSON is asked for, the answer is a document on stdout too.
    """
    try:
        yield
    except UsageError as error:
        if type(error).show is not UsageError.show:  # no arguments at all: the help
            raise
        if error.ctx is not None:
            command = f"{error.ctx.command_path} {error.ctx.help_option_names[0]}"
            hint = say("option.try_for_help", lang, command=command)
            typer.echo(f"{error.ctx.get_usage()}\n{hint}\n", err=True)
        error_word, what = say("cli.error", lang), told(_said(error), lang)
        typer.echo(say("problem.about", lang, about=error_word, what=what), err=True)
        if as_json:
            document = {"error": "UsageError", "message": str(_said(error))}
            typer.echo(json.dumps({**document, "problems": []}, indent=1).encode())
        raise typer.Exit(error.exit_code) from None


def _said(error: Any) -> str:
    """Return what is wrong; Typer says it in English, we by code."""
    message = getattr(error, "message", "")
    text: str = heard("usage", error.format_message())
    if isinstance(message, Text) and isinstance(text, Text) and "cause" in text.values:
        return Text(text.code, **{**text.values, "cause": message})
    return text
