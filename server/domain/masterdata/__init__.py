"""What products are and what they are called."""
