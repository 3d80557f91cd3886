"""Why a plan is as it is: explain."""

from typing import Annotated

import typer

from sharematch.cli.app import (
    InstancePath,
    ResultPath,
    app,
    command,
)
from sharematch.cli.output import Output

__all__: list[str] = []


@command(app)
def explain(
    out: Output,
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
) -> None:
    """Say why a need, a slot, a community or a rule fares as it does."""
    from sharematch import io
    from sharematch.analysis.explanation.answer import explain as explain_result

    if sum(x is not None for x in (need, slot, community, rule)) != 1:
        raise typer.BadParameter("name one of --need, --slot, --community, --rule")
    found = io.read_result(result, io.read_instance(instance))
    explanation = explain_result(
        found, need=need, slot=slot, community=community, rule=rule
    )
    out.document(explanation.to_dict())
    out.text(explanation.text(out.lang.value))
