"""A code was scanned: from which device, and what does it say?

Imports nothing else of the project.
"""
