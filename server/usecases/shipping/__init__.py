"""Carriers: their accounts, what they ask for a parcel, its one label, and what becomes of it."""
