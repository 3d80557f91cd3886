"""Solvers: the only rooms where OR-Tools is imported."""
