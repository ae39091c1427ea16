"""Before the bench."""
