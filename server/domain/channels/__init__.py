"""What platforms show, and whether it can be believed: pure rules. Uses the standard library and ``domain`` alone."""
