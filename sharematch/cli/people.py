"""What people read: register, report."""

from sharematch.cli.app import Command, InstancePath, Json, Language, Quiet, app
from sharematch.cli.output import Output
from sharematch.cli.words import Lang

__all__: list[str] = []


@app.command(cls=Command)
def register(
    instance: InstancePath,
    *,
    as_json: Json = False,
    quiet: Quiet = False,
    lang: Language = Lang.EN,
) -> None:
    """Show the resource archive: what each community has, lacks, and on which terms."""
    from sharematch import io
    from sharematch.register import register

    out = Output(lang, as_json=as_json, quiet=quiet)
    found = register(io.read_instance(instance))
    out.document(found.to_dict())
    out.text(found.text(lang))
