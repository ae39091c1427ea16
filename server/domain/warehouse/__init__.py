"""Goods in motion."""
