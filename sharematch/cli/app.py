"""What every command shares: the application, its options, how errors end."""

from collections.abc import Callable
from fractions import Fraction
from functools import wraps
from inspect import Signature, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sharematch.cli.help import OF_LOCALE, Helped, Sections, locale_lang
from sharematch.cli.output import Output, error_document
from sharematch.cli.targets import check_apart
from sharematch.errors import SharematchError
from sharematch.text import Lang, Text

if TYPE_CHECKING:
    from sharematch.model.policy import Policy

__all__ = [
    "EXIT_CODES",
    "NOT_VALID",
    "InstancePath",
    "KeptPolicy",
    "MaxMoved",
    "OutPath",
    "PolicyPath",
    "ReportPath",
    "ResultPath",
    "SamePolicy",
    "Seed",
    "SuppressBelow",
    "app",
    "command",
    "read_policy",
]

NOT_VALID = 1
EXIT_CODES = {"optimal": 0, "feasible": 0, "infeasible": 3, "unsolved": 4}
"""How a command ends, by the status of its result."""

app = typer.Typer(
    cls=Sections,
    help="command.sharematch",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


class _Command(Helped):
    """A command that turns the library's errors into a message and exit code 1."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            check_apart(ctx.params)
            return super().invoke(ctx)
        except SharematchError as error:
            given = ctx.params
            out = Output(
                Lang(given.get("lang", Lang.EN)),
                as_json=bool(given.get("as_json")),
                quiet=bool(given.get("quiet")),
            )
            out.document(error_document(error))
            out.error(error)
            raise typer.Exit(NOT_VALID) from None


Json = Annotated[
    bool, typer.Option("--json", help="help.print_one_json_document_nothing_else")
]
Quiet = Annotated[bool, typer.Option("--quiet", help="help.print_errors_only")]


def _language(ctx: typer.Context, param: typer.CallbackParam, value: Lang) -> Lang:
    """Return the language of the locale where none is asked for."""
    source = ctx.get_parameter_source(str(param.name))
    return value if source is not None and source.name != "DEFAULT" else locale_lang()


Language = Annotated[
    Lang,
    typer.Option(
        help="help.language_of_answers_for_people",
        show_default=OF_LOCALE,
        callback=_language,
        is_eager=True,  # help, which is eager too, is in the language before it
    ),
]


def _shared(
    as_json: Json = False, quiet: Quiet = False, lang: Language = Lang.EN
) -> None:
    """Have the options of every command."""


def command(
    group: typer.Typer, name: str | None = None
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return what makes a function a command.

    Its first parameter, `out`, is made from --json, --quiet and --lang, which every
    command has after its own options. Its help stands in the catalog, by its name.
    """
    shared = signature(_shared).parameters.values()

    def register(act: Callable[..., None]) -> Callable[..., None]:
        options_of_act = [*signature(act).parameters.values()][1:]
        parameters = [
            p.replace(kind=p.KEYWORD_ONLY) for p in (*options_of_act, *shared)
        ]

        @wraps(act)
        def run(*, as_json: bool, quiet: bool, lang: Lang, **options: Any) -> None:
            act(Output(lang, as_json=as_json, quiet=quiet), **options)

        # What Typer makes options and arguments from.
        run.__dict__["__signature__"] = Signature(parameters)
        run.__annotations__ = {p.name: p.annotation for p in parameters}
        outer = f"{group.info.name}_" if group is not app else ""
        code = f"command.{outer}{name or act.__name__}"
        group.command(name, cls=_Command, help=code)(run)
        return act

    return register


InstancePath = Annotated[
    Path,
    typer.Argument(metavar="INSTANCE", help="help.a_json_or_toml_file_or"),
]
ResultPath = Annotated[
    Path, typer.Argument(metavar="RESULT", help="help.a_results_json")
]
PolicyPath = Annotated[
    Path | None,
    typer.Option("--policy", metavar="FILE", help="help.a_toml_or_json_file_else"),
]
KeptPolicy = Annotated[
    Path | None,
    typer.Option(
        "--policy", metavar="FILE", help="help.another_policy_than_the_drafts"
    ),
]
SamePolicy = Annotated[
    Path | None,
    typer.Option("--policy", metavar="FILE", help="help.must_be_the_results_policy"),
]
OutPath = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", help="help.write_the_result")
]
ReportPath = Annotated[
    Path | None,
    typer.Option("--report", metavar="FILE", help="help.write_a_report_one_html_page"),
]
SuppressBelow = Annotated[
    int,
    typer.Option(min=0, metavar="N", help="help.in_the_report_hide_counts_below"),
]
Seed = Annotated[int, typer.Option(help="help.decides_ties_that_all_goals_leave")]


def _units_or_share(text: str) -> Fraction:
    """Return a whole number of units, or a share of them below 1."""
    from sharematch.model.numbers import exact

    try:
        value = exact(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    if value < 0 or (value > 1 and value.denominator > 1):
        raise typer.BadParameter(Text("option.must_be_a_number_of_units"))
    return value


MaxMoved = Annotated[
    Fraction | None,
    typer.Option(
        parser=_units_or_share,
        metavar="N",
        help="help.units_that_may_leave_their_place",
    ),
]


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(version("sharematch"))
        raise typer.Exit


@app.callback()
def _options(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="help.show_the_version"
        ),
    ] = False,
) -> None:
    """Have what is asked of no command."""


KNOWN = ("fair", "efficient", "own_only", "first_come")
"""Policies of the library, which may be named in place of a file."""


def read_policy(path: Path | None) -> "Policy":
    """Return the policy of a file, or of the library by its name; else the fair one."""
    from sharematch import io
    from sharematch.model.policy import Policy

    name = "fair" if path is None else str(path)
    if name in KNOWN and (path is None or not path.exists()):
        policy: Policy = getattr(Policy, name)()
        return policy
    return io.read_policy(name)
