"""Simulated pack sessions: seeded, with erring packers, dying benches and cut networks; what is really in the box."""
