"""Records and policies: what users write, checked when it is made."""
