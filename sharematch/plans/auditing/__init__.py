"""Whether what a result claims is so, recomputed from the records."""
