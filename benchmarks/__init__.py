"""Benchmarks: cases by size and severity, yardsticks, drivers. See README.md."""
