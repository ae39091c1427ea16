"""How a slip is told, for every printer language: each file has `blocks(document)`.

Imports documents alone; what the blocks look like is each language's.
"""
