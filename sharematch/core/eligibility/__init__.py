"""Where a need becomes an arc: which slots it may be matched with."""
