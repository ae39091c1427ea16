"""Simulated carriers, each in its carrier's own protocol: without a socket in tests, on loopback for people.

They answer, fail and send messages by the same means as the simulated platforms.
"""
