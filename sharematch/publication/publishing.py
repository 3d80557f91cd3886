"""publish(): the two documents, and the keys to the lines in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sharematch.certificate import measured
from sharematch.core.encoding import encode
from sharematch.errors import InputError
from sharematch.model.instance import Instance
from sharematch.publication.mask import Mask
from sharematch.publication.names import name_in_public, token_of
from sharematch.publication.reading import FORMAT, columns_of
from sharematch.publication.records import Records, pairs
from sharematch.publication.results import Shown
from sharematch.result import Result, as_answered

__all__ = ["Publication", "publish"]


@dataclass(frozen=True)
class Publication:
    """Two documents to publish, and the keys with which people find their own lines.

    `tokens` holds the key of each need by its id: for the person who asked, for nobody
    else.
    """

    instance: Mapping[str, Any]
    result: Mapping[str, Any]
    tokens: Mapping[str, str]


def publish(instance: Instance, result: Result, key: bytes) -> Publication:
    """Return what may be seen of a plan, and can be verified by anybody.

    Parameters
    ----------
    key
        A secret of the office, at least 16 bytes; who has it can tell whose each id is.

    Returns
    -------
    Documents that `sharematch verify` accepts: the plan, the value of each goal and the
    certificate are recomputed from them alone.

    Raises
    ------
    InputError
        For a result without a plan, or a key that is too short.
    """
    if len(key) < 16:
        raise InputError("the key is too short: at least 16 bytes")
    if not result.status.has_plan:
        raise InputError("the result has no plan to publish")
    answered = as_answered(instance, result.answers, result.provenance.get("instance"))
    mask = Mask(result.policy, key)
    measures, units = measured(encode(answered), result)
    document = {"format": FORMAT, "version": 1, **Records(answered, mask).to_dict()}
    document["arcs"] = [*pairs(mask, measures)]
    shown = Shown(mask, measures, columns_of(document))
    need_ids = shown.columns.need_ids
    tokens = {need.id: token_of(key, "need", need.id) for need in answered.needs}
    assert {*map(name_in_public, tokens.values())} == {*need_ids}
    return Publication(document, shown.result(result, units), tokens)
