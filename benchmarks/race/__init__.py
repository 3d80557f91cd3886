"""Races: what couples, against direct models and the simplest method, same seconds."""
