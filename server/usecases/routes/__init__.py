"""Which site ships what, and why."""
