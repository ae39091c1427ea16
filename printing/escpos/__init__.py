"""Slips for receipt printers, as ESC/POS bytes. Imports printing's own values and blocks only."""
