"""Records and policies that are a flow: circulations with bounds."""
