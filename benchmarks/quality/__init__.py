"""Plans of many methods for the same problems, and what each is worth."""
