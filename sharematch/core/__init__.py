"""Arrays: positions inside, ids outside. Needs numpy and scipy only."""
