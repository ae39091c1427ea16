"""Talking with channels: lines held, messages heard, orders looked for and taken in, numbers told and read back."""
