"""Large coupled problems: a plan at once, better with time."""
