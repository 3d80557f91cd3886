"""Versions of the tables of a season, in order: see `sharematch.season.schema`."""
