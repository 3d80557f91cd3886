"""Wrong commands, answered in the language asked for."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import typer

from sharematch.cli.words import Lang
from sharematch.text.messages import speaker

__all__ = ["answering", "asked_lang"]

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


@contextmanager
def answering(lang: Lang) -> Iterator[None]:
    """Answer a wrong command on stderr, and end with exit code 2."""
    try:
        yield
    except UsageError as error:
        if type(error).show is not UsageError.show:  # no arguments at all: the help
            raise
        say = speaker(lang)
        if error.ctx is not None:
            command = f"{error.ctx.command_path} {error.ctx.help_option_names[0]}"
            usage, hint = error.ctx.get_usage(), say(f"Try '{command}' for help.")
            typer.echo(f"{usage}\n{hint}\n", err=True)
        typer.echo(f"{say('Error')}: {say(error.format_message())}", err=True)
        raise typer.Exit(error.exit_code) from None
