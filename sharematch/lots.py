"""The numbers of a lottery, and the commitment that is published before it.

All of it is SHA-256 of lines of text, so that anyone can compute it without this code.
"""

from sharematch.model.lots import (
    Commitment,
    check_commitment,
    closed_list,
    commitment,
    hash_of_needs,
    hash_of_seed,
    number,
    order,
    revised,
    tie_seed,
    turns_of,
)

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
