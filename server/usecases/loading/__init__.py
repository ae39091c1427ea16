"""Parcels onto the truck."""
