"""How a document stands on a label, for every printer language: each file has `draw(pad, document)`.

Imports documents and surfaces, never a language.
"""
