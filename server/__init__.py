"""What the company knows: orders, stock, people, parcels. Imports printing's documents, never station."""

__version__ = "0.1.0"
