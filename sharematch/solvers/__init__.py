"""Solvers: the only rooms where OR-Tools is imported."""

__all__: list[str] = []
