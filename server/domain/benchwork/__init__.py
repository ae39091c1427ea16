"""What a scan means at a bench and at the dock."""
