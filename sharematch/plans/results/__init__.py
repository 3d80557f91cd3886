"""What a solve found: status, goals, measures, unmet needs, conflicts."""
