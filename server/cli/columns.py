"""Lines of a list: each cell padded to its width, and harmless to a terminal."""

from server.cli.refusal import one_line


def columns(*cells: tuple[object, int]) -> str:
    """One line of (cell, width in characters); a cell that is wider pushes the rest to the right."""
    return " ".join(f"{one_line(str(cell)):<{width}}" for cell, width in cells).rstrip()
