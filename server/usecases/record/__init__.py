"""What happened, who did it, and what a person must look at."""
