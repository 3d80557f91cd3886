"""audit(): the same town solved again, changed in what should not matter."""

from dataclasses import replace
from typing import Protocol

from sharematch.analysis.audits import trials
from sharematch.analysis.audits.judging import Judge
from sharematch.analysis.audits.names import SPACES
from sharematch.analysis.audits.values import Audit, Change
from sharematch.engine.solving import solve as solve_exactly
from sharematch.model.arguments import typed
from sharematch.model.instance import Instance
from sharematch.model.policy import Policy
from sharematch.plans.results.result import Result
from sharematch.text import Text

__all__ = ["audit"]


class Solve(Protocol):
    """What decides: `sharematch.solve`, or anything that is called alike."""

    def __call__(self, instance: Instance, policy: Policy, *, seed: int) -> Result: ...


@typed
def audit(
    instance: Instance,
    policy: Policy | None = None,
    *,
    seed: int = 0,
    solve: Solve = solve_exactly,
) -> Audit:
    """Return what changes that should not matter do to the outcome.

    Parameters
    ----------
    solve
        What decides, if not this library.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.Instance(
    ...     communities=[sm.Community(id="tianfeng")],
    ...     facilities=[sm.Facility(id="station", community="tianfeng")],
    ...     slots=[sm.Slot(id="mon", facility="station", kinds=["health"], capacity=1)],
    ...     needs=[sm.Need(id="t", community="tianfeng", kind="health", quantity=2)],
    ... )
    >>> found = audit(town)
    >>> found.is_neutral, [change.verdict for change in found.changes]
    (True, ['same', 'same', 'same', 'skipped', 'same', 'skipped'])
    """
    policy = Policy.fair() if policy is None else policy
    before = solve(instance, policy, seed=seed)
    judge = Judge(instance, policy, before)

    def judged(trial: trials.Trial | str, name: str) -> Change:
        if isinstance(trial, str):
            return Change(name, "skipped", trial)
        return judge.brought_back(trial, solve(trial.instance, trial.policy, seed=seed))

    def decides(space: str) -> bool:
        trial = trials.renamed(instance, policy, [space])
        return judged(trial, "rename").verdict == "unexplained"

    changes = [
        judged(make(instance, policy), name)
        for name, make in (
            ("rename", trials.renamed),
            ("shuffle", trials.shuffled),
            ("split", trials.split),
            ("merge", trials.merged),
            ("irrelevant", trials.irrelevant),
        )
    ]
    if changes[0].verdict == "unexplained":
        changes[0] = replace(changes[0], names=tuple(filter(decides, SPACES)))
    longer = [*trials.longer_lists(instance)]
    for need, other in longer:
        after = solve(other, policy, seed=seed)
        changes.append(judge.with_choices(need, other, after))
    if not longer:
        changes.append(
            Change("choices", "skipped", Text("audit.no_need_lists_choices"))
        )
    return Audit(tuple(changes))
