"""Instances that anybody can make again, and the best values known for them.

`library` names and builds them, `checking` judges what others submit, `recording` makes
the list of what is known; ``python -m benchmarks.instances`` is their command.
"""
