"""Who may sell how many, and what each channel is shown."""
