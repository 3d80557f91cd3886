"""What `--help` shows: commands by what they are for, examples, both languages."""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import typer.core

from sharematch.cli.usage import answering, asked_lang, asks_for_json
from sharematch.text import Lang, heard, say, text_of, told

__all__ = [
    "EXAMPLES",
    "OF_LOCALE",
    "SECTIONS",
    "Group",
    "Helped",
    "Sections",
    "as_typed",
    "locale_lang",
]

SECTIONS: dict[str, tuple[str, ...]] = {
    "heading.begin": ("demo", "new", "validate", "register"),
    "heading.decide": ("solve", "resolve", "draw", "season", "batch"),
    "heading.understand": ("explain", "advise", "compare", "simulate"),
    "heading.show_and_check": ("report", "verify", "publish"),
    "heading.files": ("convert", "generate", "schema"),
}
"""Commands in the order of work; what is not named stands last."""

OTHERS = "heading.more"
OF_LOCALE = "of the locale"
"""What Typer calls the default of the language, in brackets."""

_LANG = "sharematch.lang"
_JSON = "sharematch.json"
"""Where a context keeps the language, and whether JSON, the arguments ask for."""

EXAMPLES: dict[str, tuple[str, ...]] = {
    "advise": (
        "sharematch advise starter --policy starter/policy.toml",
        "sharematch advise starter --add capacity --budget 10",
    ),
    "draw": ('sharematch draw starter --seed "first frost 2026"',),
    "publish": ("sharematch publish starter plan.json --out public",),
    "simulate": ("sharematch simulate starter --rounds 4",),
    "demo": ("sharematch demo --report old_town.html",),
    "new": ("sharematch new starter", "sharematch new halls --like halls"),
    "validate": ("sharematch validate starter --policy starter/policy.toml",),
    "register": ("sharematch register starter", "sharematch register starter --json"),
    "solve": (
        "sharematch solve starter --policy starter/policy.toml --out plan.json",
        "sharematch solve starter --time-limit 60 --report plan.html",
        "sharematch solve starter --assignments plan.csv --lang zh",
    ),
    "report": (
        "sharematch report starter plan.json --out plan.html",
        "sharematch report starter plan.json --out plan.html --suppress-below 5",
    ),
    "verify": (
        "sharematch verify starter plan.json",
        "sharematch verify starter plan.json --policy starter/policy.toml",
    ),
    "generate": (
        "sharematch generate --communities 5 --needs 200 --slots 60 --out town.json",
    ),
    "convert": ("sharematch convert starter starter.json",),
    "schema": ("sharematch schema policy",),
    "batch": ("sharematch batch districts --policy fair --out run",),
    "explain": ("sharematch explain starter plan.json --need l-elderly",),
    "compare": (
        "sharematch compare starter --policy own_only --policy starter/policy.toml",
    ),
    "audit": (
        "sharematch audit starter",
        "sharematch audit starter --policy starter/policy.toml --seed 1",
    ),
    "season init": ("sharematch season init town.db",),
    "season open": (
        "sharematch season open town.db spring starter --policy starter/policy.toml",
        "sharematch season open town.db lots starter --no-ledger",
    ),
    "season add": ("sharematch season add town.db spring more_needs",),
    "season solve": (
        "sharematch season solve town.db spring",
        "sharematch season solve town.db spring --max-moved 0.05 --out plan.json",
    ),
    "season decide": ("sharematch season decide town.db spring answers.csv",),
    "season finalize": ("sharematch season finalize town.db spring",),
    "season usage": ("sharematch season usage town.db spring used.csv",),
    "season close": ("sharematch season close town.db spring",),
    "season status": ("sharematch season status town.db",),
    "season log": (
        "sharematch season log town.db",
        "sharematch season log town.db spring --json",
    ),
    "season audit": ("sharematch season audit town.db",),
    "season export": ("sharematch season export town.db spring spring",),
    "season carry": (
        "sharematch season carry town.db spring next_spring --assignments before.csv",
    ),
    "season commit": ("sharematch season commit town.db lots HASH",),
    "season seal": ("sharematch season seal town.db lots",),
    "season draw": ('sharematch season draw town.db lots --seed "first frost 2026"',),
    "resolve": (
        "sharematch resolve starter plan.json --decisions answers.csv --out next.json",
    ),
}


def locale_lang(environment: Mapping[str, str] = os.environ) -> Lang:
    """Return the language of the locale, English where it is another.

    Examples
    --------
    >>> str(locale_lang({"LANG": "zh_CN.UTF-8"})), str(locale_lang({"LC_ALL": "C"}))
    ('zh', 'en')
    """
    names = (environment.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    first = next(filter(None, names), "")
    known = (lang for lang in Lang if first.lower().startswith(lang))
    return next(known, Lang.EN)


def _spoken(ctx: Any) -> Lang:
    """Return the language asked for in a command, else that of the locale."""
    return Lang(ctx.params.get("lang") or ctx.meta.get(_LANG) or locale_lang())


class Helped(typer.core.TyperCommand):
    """A command whose help ends with examples, in the language that is spoken."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        _put_into_words(self)

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        """Write how it is called."""
        _write_usage(self, ctx, formatter)

    def format_help_text(self, ctx: Any, formatter: Any) -> None:
        """Write what the command does."""
        _write_help(self, ctx, formatter)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write arguments and options."""
        _write_parameters(self, ctx, formatter)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Write examples."""
        path = ctx.command_path.split()[1:]  # without the program's name
        lines = EXAMPLES.get(" ".join(path), ())
        if lines:
            with _section(formatter, "heading.examples", _spoken(ctx)):
                for line in lines:
                    formatter.write(f"{' ' * formatter.current_indent}{line}\n")


class Group(typer.core.TyperGroup):
    """Commands, in the language that is spoken; a wrong one is answered in it too."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        _put_into_words(self)

    def make_context(
        self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any
    ) -> Any:
        """Read the options of the group itself."""
        lang, as_json = asked_lang(args) or locale_lang(), asks_for_json(args)
        with answering(lang, as_json=as_json):
            ctx = super().make_context(info_name, args, parent, **extra)
        ctx.meta[_LANG], ctx.meta[_JSON] = lang, as_json
        return ctx

    def invoke(self, ctx: Any) -> Any:
        """Find the command, read its arguments, run it."""
        with answering(_spoken(ctx), as_json=ctx.meta[_JSON]):
            return super().invoke(ctx)

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        """Write how it is called."""
        _write_usage(self, ctx, formatter)

    def format_help_text(self, ctx: Any, formatter: Any) -> None:
        """Write what this is."""
        _write_help(self, ctx, formatter)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write options, then commands."""
        _write_parameters(self, ctx, formatter)
        self.format_commands(ctx, formatter)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write commands by section, each with one line."""
        width = max(len(name) for name in self.commands)
        lang = _spoken(ctx)
        for heading, names in self.sections(ctx):
            rows = [
                (name.ljust(width), told(self.commands[name].help or "", lang))
                for name in names
            ]
            with _section(formatter, heading, lang):
                formatter.write_dl(rows)

    def sections(self, ctx: Any) -> Iterator[tuple[str, list[str]]]:
        """Yield headings and the commands below them."""
        yield "heading.commands", self.list_commands(ctx)


class Sections(Group):
    """Commands by what they are for, in the order of work."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of commands in the order of help."""
        known = [name for names in SECTIONS.values() for name in names]
        return [
            *(name for name in known if name in self.commands),
            *(name for name in super().list_commands(ctx) if name not in known),
        ]

    def sections(self, ctx: Any) -> Iterator[tuple[str, list[str]]]:
        """Yield headings and the commands below them."""
        commands = self.list_commands(ctx)
        known = {name for names in SECTIONS.values() for name in names}
        others = tuple(name for name in commands if name not in known)
        for heading, below in (*SECTIONS.items(), (OTHERS, others)):
            names = [name for name in commands if name in below]
            if names:
                yield heading, names


def _put_into_words(command: Any) -> None:
    """Put texts in place of the codes that commands and their parameters have."""
    for part in (command, *command.params):
        if getattr(part, "help", None):
            part.help = text_of(part.help)


@contextmanager
def _section(formatter: Any, code: str, lang: str) -> Iterator[None]:
    """Indent what stands under a heading, which ends with the colon of the language."""
    formatter.write_paragraph()
    heading = say("heading.over", lang, heading=say(code, lang))
    formatter.write(f"{'':>{formatter.current_indent}}{heading}\n")
    with formatter.indentation():
        yield


def _write_usage(command: Any, ctx: Any, formatter: Any) -> None:
    pieces = " ".join(_usage_pieces(command, ctx))
    lang = _spoken(ctx)
    prefix = say("heading.usage_of", lang, heading=say("heading.usage", lang))
    formatter.write_usage(ctx.command_path, pieces, prefix)


def _usage_pieces(command: Any, ctx: Any) -> list[str]:
    """Return what stands after a command's name; in brackets what may be left out."""
    pieces = command.collect_usage_pieces(ctx)
    return [re.sub(r"^\{(.*)\}$", r"\1", piece) for piece in pieces]


def _write_help(command: Any, ctx: Any, formatter: Any) -> None:
    formatter.write_paragraph()
    with formatter.indentation():
        formatter.write_text(told(command.help or "", _spoken(ctx)))


def _write_parameters(command: Any, ctx: Any, formatter: Any) -> None:
    parts: dict[str, list[tuple[str, str]]] = {"arguments": [], "options": []}
    lang = _spoken(ctx)
    for parameter in command.get_params(ctx):
        row = parameter.get_help_record(ctx)
        if row is not None:
            kind = "options" if parameter.param_type_name == "option" else "arguments"
            said = parameter.help or ""
            brackets = row[1].removeprefix(said).strip()
            if brackets:  # the default, limits, whether it may be left out
                notes = [_note(part, lang) for part in brackets[1:-1].split("; ")]
                brackets = f"[{'; '.join(notes)}]"
            shown = told(heard("usage", said), lang)
            name = as_typed(row[0])
            parts[kind].append((name, "  ".join(filter(None, (shown, brackets)))))
    for key, rows in parts.items():
        if rows:
            with _section(formatter, f"heading.{key}", lang):
                formatter.write_dl(rows)


def _note(text: str, lang: Lang) -> str:
    """Return a note of Typer's, its limits in words."""
    if limit := re.fullmatch(r"x>=(\S+)", text):
        return say("value.must_be_at_least", lang, low=limit.group(1))
    if limits := re.fullmatch(r"(\S+)<=x<=(\S+)", text):
        low, high = limits.groups()
        return say("value.must_be_from_to", lang, low=low, high=high)
    if text == f"default: ({OF_LOCALE})":
        return say("help.default_of_the_locale", lang)
    note: str = told(heard("usage", text), lang)
    return note


_WORDS = {"int": "NUMBER", "integer": "NUMBER", "float": "NUMBER", "str": "TEXT"}
_OPTION = re.compile(r"((?:--?[\w-]+(?: / |, )?)+)(?: (.+))?")


def as_typed(shown: str) -> str:
    """Return a parameter as it is typed, its type as a word.

    Examples
    --------
    >>> [as_typed(x) for x in ("--seed <int range>", "--lang <en|zh>", "STORE <str>")]
    ['--seed NUMBER', '--lang en|zh', 'STORE']
    """
    option = _OPTION.fullmatch(shown)
    if option is None:
        return shown.split(" ", maxsplit=1)[0].strip("{}")
    names, kind = option.groups(default="")
    word = re.sub(r"^list\[(.*)\]$", r"\1", kind.strip("<>")).strip("[]")
    word = _WORDS.get(word.lower().removesuffix(" range"), word)
    return f"{names} {word}".rstrip()
