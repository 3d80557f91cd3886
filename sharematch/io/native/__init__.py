"""The files of this library: records, policies, results, answers."""
