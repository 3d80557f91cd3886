"""Instances to try things with: generated districts, and the old town."""
