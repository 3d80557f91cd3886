"""What an auditor or the public may see of a plan: enough to check it, nobody's data.

Every id is replaced by a keyed hash. Pairs that may be matched are listed with what a
unit on each counts for the policy, in place of the attributes and places from which
they follow. Needs and slots bear only the groups that the policy itself looks at.
"""

from sharematch.io.publishing.names import name_in_public, token_of
from sharematch.io.publishing.publishing import Publication, publish
from sharematch.io.publishing.reading import columns_of

__all__ = [
    "Publication",
    "columns_of",
    "name_in_public",
    "publish",
    "token_of",
]
