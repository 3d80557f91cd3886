"""publish(): the two documents, and the keys to the lines in them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sharematch.core.columns.encoding import encode
from sharematch.core.measures.measures import Measures
from sharematch.errors import InputError
from sharematch.io.publishing.distances import in_bands
from sharematch.io.publishing.mask import Mask
from sharematch.io.publishing.names import name_in_public, token_of
from sharematch.io.publishing.reading import FORMAT, check_band, columns_of
from sharematch.io.publishing.records import Records, pairs
from sharematch.io.publishing.results import shown_result
from sharematch.io.publishing.terms import Terms, choices
from sharematch.model.arguments import typed
from sharematch.model.instance import Instance
from sharematch.model.own_measures import told_of
from sharematch.plans.checking import measured
from sharematch.plans.results.result import Result, as_answered

__all__ = ["Publication", "publish"]


@dataclass(frozen=True)
class Publication:
    """Two documents to publish, and the keys with which people find their own lines.

    `tokens` holds the key of each need by its id: for the person who asked, for nobody
    else.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> result = sm.solve(town)
    >>> published = sm.publication.publish(town, result, b"a key of the office")
    >>> sorted(published.tokens)[0] == min(need.id for need in town.needs)
    True
    """

    instance: Mapping[str, Any]
    result: Mapping[str, Any]
    tokens: Mapping[str, str]


@typed
def publish(
    instance: Instance, result: Result, key: bytes, *, distance_band: int = 100
) -> Publication:
    """Return what may be seen of a plan, and can be verified by anybody.

    Parameters
    ----------
    key
        A secret of the office, at least 16 bytes; who has it can tell whose each id is.
    distance_band
        Metres or seconds. Where the policy looks at travel, distances are told as the
        lower ends of bands so wide, from the middle of a square so wide around each
        home; 1 tells them exactly, and with them every home. A goal over travel is
        restated in bands where these prove the plan too, and left out where not.

    Returns
    -------
    Documents that `sharematch verify` accepts: the plan, the value of each goal and the
    certificate are recomputed from them alone. What is left out of the policy stands
    in the result's provenance.

    Raises
    ------
    InputError
        For a result without a plan, a key that is too short, or a band that is none.

    Examples
    --------
    >>> import sharematch as sm
    >>> town = sm.generate.make_instance(communities=2, needs=6, slots=3)
    >>> result = sm.solve(town)
    >>> published = sm.publication.publish(town, result, b"a key of the office")
    >>> town.needs[0].id in str(published.instance)
    False
    """
    if len(key) < 16:
        raise InputError("published.the_key_is_too_short_at")
    check_band(distance_band)
    if not result.status.has_plan:
        raise InputError("published.the_result_has_no_plan_to")
    answered = as_answered(instance, result.answers, result.provenance.get("instance"))
    exact, units = measured(encode(answered), result)
    travel = in_bands(exact, result.policy.rules, distance_band)
    banded = replace(exact.arcs, travel=travel)
    public = Measures(exact.columns, banded, exact.baseline)
    drafts = (
        _draft(answered, result, key, terms, public, exact=exact, band=distance_band)
        for terms in choices(exact, banded, units, result)
    )
    # The last choice leaves out whatever may not be provable.
    return next(draft for draft in drafts if draft is not None)


def _draft(
    answered: Instance,
    result: Result,
    key: bytes,
    terms: Terms,
    measures: Measures,
    *,
    exact: Measures,
    band: int,
) -> Publication | None:
    """Return what is published with these terms, None where it proves too little.

    Measures of somebody's own are told as they are, not of distances in bands.
    """
    mask = Mask(terms.of(result.policy), key)
    document: dict[str, Any] = {"format": FORMAT, "version": 1}
    if "pair.travel" in mask.reads:
        document["distance_band"] = band
    if mask.own:
        document["own_measures"] = {name: told_of(name) for name in mask.own}
    document |= Records(answered, mask).to_dict()
    document["arcs"] = [*pairs(mask, measures, exact)]
    columns = columns_of(document)
    shown = shown_result(result, terms, mask, columns)
    if shown is None:
        return None
    tokens = {need.id: token_of(key, "need", need.id) for need in answered.needs}
    assert {*map(name_in_public, tokens.values())} == {*columns.need_ids}
    return Publication(document, shown, tokens)
