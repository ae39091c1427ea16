"""Holds and sales meet the counters: one group commit, one way to change stock."""
