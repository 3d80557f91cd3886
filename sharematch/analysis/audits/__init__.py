"""Whether the outcome changes when nothing that matters has."""
