"""Exact flows: goals in strict order, leximin, budgets of moves."""
