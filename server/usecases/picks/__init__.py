"""Before the bench: waves, pick lists, totes."""
