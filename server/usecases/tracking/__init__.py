"""Parcels on their way: one inbox of what is said of them, what follows from it, and the question "where is it?"."""
