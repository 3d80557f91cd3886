"""The old town: an instance made from facts, and its story."""
