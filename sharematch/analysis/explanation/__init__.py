"""Why a plan is as it is: facts first, then prose."""
