"""From an instance and a policy to a verified result."""

from sharematch.engine.solving import solve

__all__ = ["solve"]
