"""Many instances: batch."""

import math
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from sharematch.cli.app import (
    PolicyPath,
    Seed,
    app,
    command,
    read_policy,
)
from sharematch.cli.output import Output
from sharematch.text import Text

__all__: list[str] = []


@command(app)
def batch(
    out: Output,
    source: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER|MANIFEST",
            help="help.a_folder_of_instances_or_a",
        ),
    ],
    *,
    out_path: Annotated[
        Path, typer.Option("--out", metavar="RUNDIR", help="help.where_results_go")
    ],
    policy: PolicyPath = None,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="help.processes_one_for_each_core_if"),
    ] = None,
    dask: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="help.of_a_dask_scheduler")
    ] = None,
    ray: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="help.of_a_ray_cluster_or_auto"),
    ] = None,
    time_limit: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="help.for_each_instance")
    ] = None,
    seed: Seed = 0,
    parquet: Annotated[
        bool, typer.Option("--parquet", help="help.write_summary_parquet_too")
    ] = False,
) -> None:
    """Solve every instance of a folder; started again, go on where it stopped."""
    from sharematch.batch import run_folder
    from sharematch.batch.executors import executor_for

    if time_limit is not None and not 0 < time_limit < math.inf:
        raise typer.BadParameter(
            Text("value.must_be_above_0"), param_hint="--time-limit"
        )
    if sum(choice is not None for choice in (workers, dask, ray)) > 1:
        raise typer.BadParameter(Text("option.name_one_of_workers_dask_ray"))
    try:
        with executor_for(workers, dask, ray) as where, out.counting() as report:
            outcome = run_folder(
                source,
                out_path,
                None if policy is None else read_policy(policy),
                where,
                seed=seed,
                time_limit=time_limit,
                parquet=parquet,
                on_progress=report,
            )
    except KeyboardInterrupt:
        out.note(out.say("cli.goes_on"))
        raise
    out.document(
        {
            "instances": outcome.num_instances,
            "solved": outcome.num_solved,
            "kept": outcome.num_kept,
            "failures": [asdict(failure) for failure in outcome.failures],
            "written": str(out_path),
        }
    )
    counts = {
        "solved": outcome.num_solved,
        "kept": outcome.num_kept,
        "failed": len(outcome.failures),
    }
    out.text(out.say("cli.batch_done", n=outcome.num_instances, **counts))
    for failure in outcome.failures:
        out.warn(str(failure))
    out.note(out.say("cli.written", path=out_path))
