"""What a packing bench asks for."""
