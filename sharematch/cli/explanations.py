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
from sharematch.text import Text

__all__: list[str] = []


@command(app)
def explain(
    out: Output,
    instance: InstancePath,
    result: ResultPath,
    *,
    need: Annotated[str | None, typer.Option(metavar="ID", help="help.a_need")] = None,
    slot: Annotated[str | None, typer.Option(metavar="ID", help="help.a_slot")] = None,
    community: Annotated[
        str | None, typer.Option(metavar="ID", help="help.a_community")
    ] = None,
    rule: Annotated[
        int | None, typer.Option(metavar="N", help="help.a_rule_of_the_policy_from")
    ] = None,
) -> None:
    """Say why a need, a slot, a community or a rule fares as it does."""
    from sharematch import io
    from sharematch.analysis.explanation.answer import explain as explain_result

    if sum(x is not None for x in (need, slot, community, rule)) != 1:
        raise typer.BadParameter(Text("option.name_one_of_need_slot_community"))
    solved = io.read_result(result, io.read_instance(instance))
    explanation = explain_result(
        solved, need=need, slot=slot, community=community, rule=rule
    )
    out.document(explanation.to_dict())
    out.text(explanation.text(out.lang.value))
