"""What products are and what channels call them; what must be ordered again."""
