"""Published problems with known optima, read, mapped to records and solved.

`formats` reads the field's files, `problems` holds what they say, `mapping` makes an
instance and a policy of each, and `python -m benchmarks.known_optima FILE…` solves
them. Files are brought by whoever runs it.
"""
