"""Who may sell how many."""
