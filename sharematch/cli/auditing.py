"""Whether the outcome changes when nothing that matters has changed: audit."""

import typer

from sharematch.cli.app import (
    NOT_VALID,
    InstancePath,
    PolicyPath,
    Seed,
    app,
    command,
    read_policy,
)
from sharematch.cli.output import Output
from sharematch.text import Text, say

__all__: list[str] = []


@command(app)
def audit(
    out: Output,
    instance: InstancePath,
    *,
    policy: PolicyPath = None,
    seed: Seed = 0,
) -> None:
    """Change what should not matter (names, order, …), and tell what it did."""
    from sharematch import io
    from sharematch.analysis.audits.auditing import audit as audit_neutrality

    audited = audit_neutrality(
        io.read_instance(instance), read_policy(policy), seed=seed
    )
    out.document(audited.to_dict())
    for change in audited.changes:
        served = ", ".join(f"{k} {a} → {b}" for k, (a, b) in change.communities.items())
        parts = [out.told(change.reason), served]
        if change.needs:
            parts.append(out.say("cli.audit_needs", n=len(change.needs)))
        if change.names:
            named = out.say("list.items").join(
                out.say(f"cli.named_{name}") for name in change.names
            )
            parts.append(out.say("cli.audit_names", names=named))
        more = out.say("list.semicolon").join(part for part in parts if part)
        what = change.change  # a code, or a text that names the need
        if not isinstance(what, Text):
            what = say(f"audit.{what}", out.lang)
        what = out.told(what)
        how = out.say(f"cli.audit_{change.verdict}")
        if more:
            out.text(out.say("cli.audit_more", what=what, how=how, more=more))
        else:
            out.text(out.say("cli.audit_line", what=what, how=how))
    if not audited.is_neutral:
        out.text(out.say("cli.not_neutral"))
        raise typer.Exit(NOT_VALID)
    out.text(out.say("cli.is_neutral"))
