"""A lottery that anyone can replay: the order of needs from a seed told beforehand.

Before the draw the office publishes the hash of a text, the seed; afterwards the text.
The number of a need is SHA-256 of seed, round and its id, so that who else takes part
changes no number. In the order of numbers needs choose among the plans that the goals
of the policy leave: with goals the draw breaks their ties, without it is the method.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

from sharematch.engine import solve
from sharematch.errors import InputError
from sharematch.model.instance import Instance
from sharematch.model.policy import Policy
from sharematch.progress import OnProgress
from sharematch.result import Result

__all__ = ["Draw", "commitment", "draw", "number", "order"]


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
    """

    seed: str
    round: str
    numbers: dict[str, str]
    result: Result

    @property
    def commitment(self) -> str:
        """The hash that was to be published before."""
        return commitment(self.seed)


def commitment(seed: str) -> str:
    """Return "sha256:…" of a seed: what is published before the draw.

    Examples
    --------
    >>> commitment("12 March, Tianfeng")[:20]
    'sha256:c0f0f8bcd3dea'
    """
    return f"sha256:{hashlib.sha256(_checked(seed).encode()).hexdigest()}"


def number(seed: str, round: str, need: str) -> str:  # noqa: A002 (as in files)
    r"""Return a need's number: SHA-256 of seed, round and id, one a line.

    The same as ``printf '%s\n%s\n%s' SEED ROUND NEED | sha256sum``.

    Examples
    --------
    >>> number("12 March, Tianfeng", "spring", "l-elderly")[:8]
    'f6bcdb24'
    """
    text = f"{_checked(seed)}\n{_checked(round)}\n{need}"
    return hashlib.sha256(text.encode()).hexdigest()


def order(needs: Iterable[str], seed: str, round: str = "") -> dict[str, str]:  # noqa: A002 (as in files)
    """Return the number of each need, in the order of numbers."""
    numbers = {need: number(seed, round, need) for need in needs}
    return dict(sorted(numbers.items(), key=lambda item: item[1]))


def _checked(text: str) -> str:
    if "\n" in text or "\r" in text:
        raise InputError("seed and round must be one line each")
    return text


def draw(
    instance: Instance,
    policy: Policy | None = None,
    *,
    seed: str,
    round: str = "",  # noqa: A002 (as in files)
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
        One line of text, whose `commitment` was published before.
    round
        One line that tells this draw from others with the same seed.

    Returns
    -------
    A draw whose plan is the same wherever it is replayed.

    Raises
    ------
    InputError
        For a seed or round of several lines, or a policy that is no set of goals.

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
    numbers = order((need.id for need in instance.needs), seed, round)
    result = solve(
        instance,
        policy,
        time_limit=time_limit,
        seed=int(number(seed, round, "")[:15], 16),
        turns=tuple(numbers),
        on_progress=on_progress,
    )
    drawn = {"seed": seed, "round": round, "commitment": commitment(seed)}
    result = replace(result, provenance={**result.provenance, "draw": drawn})
    return Draw(seed, round, numbers, result)
