"""A lottery that anyone can replay: the order of needs from a seed told beforehand.

Before the draw the office publishes a commitment to a text, the seed, to the round and
to the closed list of needs; afterwards the text. The number of a need is SHA-256 of
seed, round and its id, so that who else takes part changes no number. In the order of
numbers needs choose among the plans that the goals of the policy leave: with goals the
draw breaks their ties, without it is the method.
"""

from dataclasses import dataclass, replace

from sharematch.engine.solving import solve
from sharematch.model.arguments import typed
from sharematch.model.instance import Instance
from sharematch.model.lots import (
    Commitment,
    check_commitment,
    commitment,
    order,
    tie_seed,
)
from sharematch.model.policy import Policy
from sharematch.plans.results.result import Result
from sharematch.progress import OnProgress

__all__ = ["Draw", "draw"]


@dataclass(frozen=True)
class Draw:
    """What was drawn: the order of needs, and the plan in which they chose.

    Parameters
    ----------
    seed, round
        The texts that were drawn with.
    numbers
        The number of each need, in hexadecimal, smallest first.
    result
        The plan; `provenance` holds seed, round and commitment.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> drawn = sm.season.draw(town, seed="first frost")
    >>> len(drawn.numbers) == len(town.needs)
    True
    """

    seed: str
    round: str
    numbers: dict[str, str]
    result: Result

    @property
    def commitment(self) -> Commitment:
        """What was to be published before."""
        return commitment(self.seed, self.round, self.numbers)


@typed
def draw(
    instance: Instance,
    policy: Policy | None = None,
    *,
    seed: str,
    round: str = "",  # noqa: A002 (as in files)
    committed: Commitment | str | None = None,
    time_limit: float | None = None,
    on_progress: OnProgress | None = None,
) -> Draw:
    """Draw lots: needs choose in the order of their numbers.

    Parameters
    ----------
    policy
        Its rules hold in every outcome, and its goals come first: lots decide among
        the plans they leave. Without goals, or left out, lots decide alone.
    seed
        One line of text, to which was committed before.
    round
        One line that tells this draw from others with the same seed.
    committed
        The `commitment` that was published before, or its hash; another seed, round
        or list of needs is then refused.

    Returns
    -------
    A draw whose plan is the same wherever it is replayed.

    Raises
    ------
    InputError
        For a seed or round of several lines, for what was not committed to, or a
        policy that is no set of goals.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.Instance(
    ...     communities=[sm.Community(id="tianfeng")],
    ...     facilities=[sm.Facility(id="station", community="tianfeng")],
    ...     slots=[sm.Slot(id="mon", facility="station", kinds=["health"], capacity=1)],
    ...     needs=[
    ...         sm.Need(id=name, community="tianfeng", kind="health")
    ...         for name in ("plum court", "mill lane", "well street")
    ...     ],
    ... )
    >>> drawn = draw(town, seed="12 March, Tianfeng")
    >>> list(drawn.numbers)[0] == drawn.result.allocation.needs[0]
    True
    """
    policy = Policy(name="lottery") if policy is None else policy
    ids = [need.id for need in instance.needs]
    if committed is not None:
        check_commitment(committed, seed, round, ids)
    numbers = order(ids, seed, round)
    result = solve(
        instance,
        policy,
        time_limit=time_limit,
        seed=tie_seed(seed, round),
        turns=tuple(numbers),
        on_progress=on_progress,
    )
    drawn = commitment(seed, round, ids).to_dict() | {"seed": seed}
    result = replace(result, provenance={**result.provenance, "draw": drawn})
    return Draw(seed, round, numbers, result)
