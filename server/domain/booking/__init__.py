"""Counters, lots and kits, and who gets the units."""
