"""What anybody and anything is called in public: keyed hashes."""

import hmac
from hashlib import sha256

from sharematch.model.arguments import typed

__all__ = ["name_in_public", "token_of"]


@typed
def token_of(key: bytes, kind: str, id_: str) -> str:
    """Return the secret name of a record: HMAC (RFC 2104) of its type and id.

    Examples
    --------
    >>> token_of(b"a key of the office", "need", "elderly")[:8]
    '67c6ced4'
    """
    return hmac.new(key, f"{kind}\0{id_}".encode(), sha256).hexdigest()


@typed
def name_in_public(token: str) -> str:
    """Return the public id of who holds a token: half of its SHA-256.

    Examples
    --------
    >>> name_in_public(token_of(b"secret", "need", "n1"))
    'adf608a44729d9189ce920d332533206'
    """
    return sha256(token.encode()).hexdigest()[:32]
