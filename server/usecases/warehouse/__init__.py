"""Goods that come, move, are counted, built and lost."""
