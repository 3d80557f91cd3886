"""One file for each version; a new one names the one before it."""
