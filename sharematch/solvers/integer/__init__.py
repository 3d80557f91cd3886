"""Rows over integers: CP-SAT, branch and bound, large neighborhoods."""
