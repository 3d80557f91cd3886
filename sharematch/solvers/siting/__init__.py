"""Siting and facility location: what opens is decided, the rest is a flow."""

from sharematch.solvers.siting.solving import solve_siting

__all__ = ["solve_siting"]
