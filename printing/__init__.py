"""A document becomes bytes, and bytes reach a printer. Imports nothing else of the project."""
