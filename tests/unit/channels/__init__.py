"""Each platform's adapter against its simulation, and both against the official description."""
