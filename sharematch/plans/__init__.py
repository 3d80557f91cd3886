"""An allocation and all that is true of it: measures, checks, proofs."""
