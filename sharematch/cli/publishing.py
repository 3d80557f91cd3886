"""What others may see of a plan: publish; and how a person finds the own line."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sharematch.cli.app import (
    InstancePath,
    ResultPath,
    app,
    command,
)
from sharematch.cli.output import Output
from sharematch.errors import InputError
from sharematch.text import Text, about

if TYPE_CHECKING:
    from sharematch.core.columns.arrays import Columns
    from sharematch.model.instance import Instance
    from sharematch.plans.results.result import Result

__all__ = ["own_line", "show_line"]

KEY = "{}.key"
"""Where the secret is made beside the published folder, if no file is named."""


@command(app)
def publish(
    out: Output,
    instance: InstancePath,
    result: ResultPath,
    *,
    out_path: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="help.a_new_folder_to_publish")
    ],
    key: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="help.the_offices_secret_made_if_not"),
    ] = None,
    tokens: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="help.write_each_needs_own_token_as"),
    ] = None,
    distance_band: Annotated[
        int,
        typer.Option(metavar="N", help="help.width_of_bands_of_distances_m"),
    ] = 100,
) -> None:
    """Write what anybody may see of a plan, and can verify: no names, no places."""
    from sharematch import io
    from sharematch.io.native import atomic
    from sharematch.io.publishing import files as published
    from sharematch.io.publishing.publishing import publish as publish_plan

    secret = out_path.with_name(KEY.format(out_path.name)) if key is None else key
    for path in (secret, tokens):
        if path is not None and out_path.resolve() in path.resolve().parents:
            raise InputError(
                "published.secrets_do_not_belong_into_the", record=str(path)
            )
    if tokens is not None:
        atomic.check_target(tokens, ".csv")
    town = io.read_instance(instance)
    solved = io.read_result(result, town)
    _check_holds(town, solved)
    is_new = not secret.exists()
    made = publish_plan(
        town, solved, published.read_key(secret), distance_band=distance_band
    )
    published.write_publication(made, out_path)
    if tokens is not None:
        published.write_tokens(made.tokens, tokens)
    left_out = made.result["provenance"].get("left_out", [])
    out.document(
        {
            "written": str(out_path),
            "key": str(secret),
            "new_key": is_new,
            "left_out": left_out,
        }
    )
    out.text(out.say("cli.written", path=out_path))
    is_proved = (made.result["certificate"] or {}).get("kind") == "prices"
    if not is_proved:
        out.note(out.say("cli.shown_unproved"))
    for term in left_out:
        out.note(out.say("cli.left_out", term=_in_words(solved, term, out.lang)))
    if is_new:
        out.note(out.say("cli.key_made", path=secret))


def _check_holds(town: "Instance", result: "Result") -> None:
    """Refuse to publish what does not hold."""
    from sharematch.plans.auditing.judging import check_claims

    if findings := check_claims(town, result):
        raise InputError(
            about(Text("claim.the_result_does_not_hold"), str(findings[0]))
        )


def _in_words(result: "Result", term: Mapping[str, Any], lang: str) -> str:
    """Return a rule or goal that is left out, in words."""
    from sharematch.model.wording import goal_text, rule_text

    if "rule" in term:
        return rule_text(result.policy.rules[term["rule"] - 1], lang)
    return goal_text(result.policy.goals[term["goal"] - 1], lang)


def own_line(
    town: "Instance | Columns", result: "Result", token: str
) -> dict[str, Any]:
    """Return what the holder of a token asked for and got.

    Raises
    ------
    InputError
        For a token of no need in this publication.
    """
    from sharematch.core.columns.encoding import encode
    from sharematch.io.publishing.names import name_in_public

    columns, need = encode(town), name_in_public(token.strip())
    need_row = columns.position["need"].get(need)
    if need_row is None:
        raise InputError("published.no_need_here_has_this_token", token=token[:8])
    got = [a for a in result.allocation if a.need == need]
    return {
        "need": need,
        "asked": int(columns.need_demand[need_row]),
        "served": sum(a.quantity for a in got),
        "slots": [{"slot": a.slot, "quantity": a.quantity} for a in got],
    }


def show_line(out: Output, line: dict[str, Any]) -> None:
    """Print what the holder of a token asked for and got."""
    out.text(out.say("cli.own_line", asked=line["asked"], served=line["served"]))
    for row in line["slots"]:
        out.text("  " + out.say("cli.own_slot", n=row["quantity"], slot=row["slot"]))
