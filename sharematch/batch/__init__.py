"""Many instances: any executor, bounded memory, nothing lost.

`solve_many` is the loop, `run_folder` the same over files with a folder of results
that can be taken up again. `pool` has workers of this machine, `executors` clusters.
"""

from sharematch.batch.executors import dask_executor, ray_executor
from sharematch.batch.folder import Outcome, run_folder
from sharematch.batch.jobs import Failure, instance_seed
from sharematch.batch.joining import solve_parts
from sharematch.batch.many import solve_many
from sharematch.batch.montecarlo import Run, Sensitivity, sensitivity
from sharematch.batch.parts import Coupling, Parts, find_parts
from sharematch.batch.pool import WorkerPool
from sharematch.batch.variation import Draw, Sweep

__all__ = [
    "Coupling",
    "Draw",
    "Failure",
    "Outcome",
    "Parts",
    "Run",
    "Sensitivity",
    "Sweep",
    "WorkerPool",
    "dask_executor",
    "find_parts",
    "instance_seed",
    "ray_executor",
    "run_folder",
    "sensitivity",
    "solve_many",
    "solve_parts",
]
