"""Prices and cuts that prove a plan best, and their check."""
