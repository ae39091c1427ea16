"""Benchmarks and simulations: they print figures and assert nothing about time."""
