"""One file for each family of problems that couple."""
