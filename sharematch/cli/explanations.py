"""Why a plan is as it is: explain."""

from typing import Annotated

import typer

from sharematch.cli.app import (
    Command,
    InstancePath,
    Json,
    Language,
    Quiet,
    ResultPath,
    app,
)
from sharematch.cli.output import Output
from sharematch.cli.words import Lang

__all__: list[str] = []


@app.command(cls=Command)
def explain(
    instance: InstancePath,
    result: ResultPath,
    *,
    need: Annotated[str | None, typer.Option(metavar="ID", help="A need.")] = None,
    slot: Annotated[str | None, typer.Option(metavar="ID", help="A slot.")] = None,
    community: Annotated[
        str | None, typer.Option(metavar="ID", help="A community.")
    ] = None,
    rule: Annotated[
        int | None, typer.Option(metavar="N", help="A rule of the policy, from 1.")
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
    lang: Language = Lang.EN,
) -> None:
    """Say why a need, a slot, a community or a rule fares as it does."""
    from sharematch import io
    from sharematch.explanation import explain as explain_result

    if sum(x is not None for x in (need, slot, community, rule)) != 1:
        raise typer.BadParameter("name one of --need, --slot, --community, --rule")
    out = Output(lang, as_json=as_json, quiet=quiet)
    found = io.read_result(result, io.read_instance(instance))
    explanation = explain_result(
        found, need=need, slot=slot, community=community, rule=rule
    )
    out.document(explanation.to_dict())
    out.text(explanation.text(lang.value))
