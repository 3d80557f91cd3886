"""Hypothesis profiles, chosen by the environment variable HYPOTHESIS_PROFILE.

And a hook: a test that fails with a random town tells the smallest that does.
"""

import os

from hypothesis import settings

from tests.smallest import pytest_pyfunc_call

__all__ = ["pytest_pyfunc_call"]

settings.register_profile("dev", max_examples=50, deadline=None)
settings.register_profile(
    "ci", max_examples=200, deadline=None, derandomize=True, print_blob=True
)
settings.register_profile("deep", max_examples=5000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))
