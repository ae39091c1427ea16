"""Setting up: sites, channels, imports."""
