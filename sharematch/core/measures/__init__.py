"""What counts: groups of arcs, linear forms over them, their bounds."""
