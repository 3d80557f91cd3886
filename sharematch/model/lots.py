"""The numbers of a lottery, and the commitment that is published before it.

All of it is SHA-256 of lines of text, so that anyone can compute it without this code.
"""

import hashlib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sharematch.errors import InputError
from sharematch.model.arguments import typed
from sharematch.text import Text

__all__ = [
    "Commitment",
    "check_commitment",
    "closed_list",
    "commitment",
    "hash_of_needs",
    "hash_of_seed",
    "number",
    "order",
    "revised",
    "tie_seed",
    "turns_of",
]


@dataclass(frozen=True)
class Commitment:
    """What is published before a draw: it binds seed, round and list of needs.

    Parameters
    ----------
    seed
        The hash of seed and round: it can be published before the list is closed.
    round
        The round, as it is.
    needs
        The hash of the closed list.

    Examples
    --------
    >>> made = commitment("12 March, Tianfeng", "spring", ["mill lane"])
    >>> sorted(made.to_dict()), made.hash[:20]
    (['commitment', 'needs', 'round', 'seed'], 'sha256:0220d191b0c8d')
    """

    seed: str
    round: str
    needs: str

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Commitment":
        """Return the commitment that a document holds.

        Raises
        ------
        InputError
            For a document that is none, or whose hash is not that of its parts.
        """
        try:
            commitment = cls(str(data["seed"]), str(data["round"]), str(data["needs"]))
            told = data["commitment"]
        except (LookupError, TypeError):
            message = Text("draw.is_no_commitment_seed_round_needs")
            raise InputError(message) from None
        if told != commitment.hash:
            raise InputError("draw.the_commitment_is_not_the_hash")
        return commitment

    @property
    def hash(self) -> str:
        """The one hash that binds all three."""
        return _hash(f"{self.seed}\n{self.round}\n{self.needs}")

    def __str__(self) -> str:
        return self.hash

    def to_dict(self) -> dict[str, str]:
        """Return the parts and the hash, all of which may be published."""
        return {**asdict(self), "commitment": self.hash}


@typed
def commitment(seed: str, round: str, needs: Iterable[str]) -> Commitment:  # noqa: A002 (as in files)
    """Return what is published before a draw, of its seed, round and needs' ids.

    Examples
    --------
    >>> made = commitment("12 March, Tianfeng", "spring", ["mill lane", "canal row"])
    >>> made.hash[:20]
    'sha256:f856c89805572'
    """
    return Commitment(hash_of_seed(seed, round), round, hash_of_needs(needs))


@typed
def hash_of_seed(seed: str, round: str) -> str:  # noqa: A002 (as in files)
    r"""Return the hash of a seed and a round, which tells neither.

    The same as ``printf '%s\n%s' SEED ROUND | sha256sum``.

    Examples
    --------
    >>> hash_of_seed("12 March, Tianfeng", "spring")[:20]
    'sha256:4370f91977b99'
    """
    return _hash(f"{_checked(seed)}\n{_checked(round)}")


@typed
def hash_of_needs(needs: Iterable[str]) -> str:
    """Return the hash of a list of ids, whatever its order: sorted, one a line.

    The same as ``LC_ALL=C sort IDS | sha256sum`` of a file with one id a line.

    Examples
    --------
    >>> hash_of_needs(["b", "a"]) == hash_of_needs(["a", "b"])
    True
    """
    return _hash("".join(f"{need}\n" for need in sorted(needs)))


@typed
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


@typed
def order(needs: Iterable[str], seed: str, round: str = "") -> dict[str, str]:  # noqa: A002 (as in files)
    """Return the number of each need, in the order of numbers.

    Examples
    --------
    >>> list(order(["a", "b", "c"], "first frost"))
    ['b', 'c', 'a']
    """
    numbers = {need: number(seed, round, need) for need in needs}
    return dict(sorted(numbers.items(), key=lambda item: item[1]))


@typed
def turns_of(drawn: Mapping[str, Any], needs: Iterable[str]) -> list[str]:
    """Return the order in which needs choose.

    Who came late, when the seed was known, comes after all others.

    Parameters
    ----------
    drawn
        What a result's `provenance` says of its draw.

    Examples
    --------
    >>> drawn = {"seed": "first frost", "round": "2026", "late": ["c"]}
    >>> turns_of(drawn, ["c", "b", "a"])[-1]
    'c'
    """
    late = {*drawn.get("late", ())}
    numbers = order(needs, str(drawn["seed"]), str(drawn["round"]))
    return sorted(numbers, key=lambda need: (need in late, numbers[need]))


@typed
def closed_list(drawn: Mapping[str, Any], needs: Iterable[str]) -> set[str]:
    """Return the needs that were drawn among, of those that there are later.

    Examples
    --------
    >>> sorted(closed_list({"late": ["c"], "gone": ["d"]}, ["a", "b", "c"]))
    ['a', 'b', 'd']
    """
    return {*needs} - {*drawn.get("late", ())} | {*drawn.get("gone", ())}


@typed
def revised(
    drawn: Mapping[str, Any], before: Iterable[str], now: Iterable[str]
) -> dict[str, Any]:
    """Return what is to be said of a draw when needs have come or gone since.

    Raises
    ------
    InputError
        Where those before are not the ones that were drawn among.

    Examples
    --------
    >>> drawn = {"needs": hash_of_needs(["a", "b"])}
    >>> revised(drawn, ["a", "b"], ["a", "c"])["late"]
    ['c']
    """
    there, listed = {*now}, closed_list(drawn, before)
    if hash_of_needs(listed) != drawn.get("needs"):
        raise InputError("draw.the_draft_was_drawn_with_another")
    changes = {"late": sorted(there - listed), "gone": sorted(listed - there)}
    kept = {key: value for key, value in drawn.items() if key not in changes}
    return kept | {key: ids for key, ids in changes.items() if ids}


@typed
def tie_seed(seed: str, round: str) -> int:  # noqa: A002 (as in files)
    """Return the seed of the solver, which decides where, not who.

    Examples
    --------
    >>> tie_seed("first frost", "2026") == tie_seed("first frost", "2026")
    True
    """
    return int(number(seed, round, "")[:15], 16)


def _hash(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _checked(text: str) -> str:
    if any(unicodedata.category(sign) in ("Cc", "Zl", "Zp") for sign in text):
        raise InputError("draw.seed_and_round_must_be_one")
    return text


@typed
def check_commitment(
    told: Commitment | str,
    seed: str,
    round: str,  # noqa: A002 (as in files)
    needs: Iterable[str],
) -> None:
    """Refuse a seed, round or list of needs other than what was committed to.

    Parameters
    ----------
    told
        A commitment, or its hash alone.

    Raises
    ------
    InputError
        With what differs; of a hash alone that shows only where it binds too little.

    Examples
    --------
    >>> made = commitment("first frost", "2026", ["a", "b"])
    >>> check_commitment(made, "first frost", "2026", ["b", "a"])
    """
    made = commitment(seed, round, needs)
    if isinstance(told, Commitment):
        if told.round != round:
            raise InputError(
                "draw.the_commitment_is_to_round_not", made=told.round, told=round
            )
        if told.seed != made.seed:
            raise InputError("draw.the_commitment_is_to_another_seed")
        if told.needs != made.needs:
            raise InputError(
                "draw.the_commitment_is_to_another_list",
                made=told.needs,
                found=made.needs,
            )
        return
    if told == made.hash:
        return
    if told == _hash(seed):
        raise InputError(
            "draw.this_is_the_hash_of_the", hint="draw.draw_commit_which_commits_to_all"
        )
    if told == made.seed:
        raise InputError(
            "draw.this_is_the_hash_of_seed",
            hint="draw.draw_commit_which_commits_to_all",
        )
    raise InputError(
        "draw.seed_round_or_list_of_needs",
        round=round,
        count=len(list(needs)),
        hash=made.hash,
    )
