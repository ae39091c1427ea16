"""A receipt printer that understands exactly the ESC/POS commands it was told of, and refuses every other byte."""

from dataclasses import dataclass, field

_FIXED = {
    b"\x1b@": 0,
    b"\x1bR": 1,
    b"\x1ba": 1,
    b"\x1bE": 1,
    b"\x1d!": 1,
    b"\x1dH": 1,
    b"\x1dh": 1,
    b"\x1dw": 1,
    b"\x1bt": 1,
    b"\x1dV": 2,
}
_PAGES = {16: "cp1252", 17: "cp866", 18: "cp852"}


@dataclass
class Receipt:
    """What came out: `rows` of text, the `codes` (symbology, content), and the commands in order without code pages."""

    rows: list[str] = field(default_factory=list)
    codes: list[tuple[str, str]] = field(default_factory=list)
    commands: list[bytes] = field(default_factory=list)
    pictures: list[tuple[int, int]] = field(default_factory=list)
    widths: list[int] = field(default_factory=list)
    """Columns each row takes, at its size."""
    cut: bool = False


def read(data: bytes) -> Receipt:
    """Print it; ValueError names the byte that a printer would take for something else."""
    out, at, page, row, size, stored = Receipt(), 0, "cp437", "", 1, b""
    while at < len(data):
        byte = data[at]
        if byte == 10:
            out.rows.append(row)
            out.widths.append(len(row) * size)
            out.commands.append(b"\n")
            row, at = "", at + 1
        elif byte >= 32 and byte != 127:
            row += data[at : at + 1].decode(page)
            at += 1
        else:
            name = data[at : at + 2]
            if name in _FIXED:
                argument = data[at + 2 : at + 2 + _FIXED[name]]
                at += 2 + _FIXED[name]
                if name == b"\x1bt":
                    page = _PAGES[argument[0]]
                    continue
                size = argument[0] % 16 + 1 if name == b"\x1d!" else size
                out.cut = out.cut or name == b"\x1dV"
            elif data[at : at + 3] == b"\x1dkI":
                length = data[at + 3]
                argument = data[at + 4 : at + 4 + length]
                out.codes.append(("code128", _code128(argument)))
                at += 4 + length
            elif data[at : at + 3] == b"\x1d(k":
                length = int.from_bytes(data[at + 3 : at + 5], "little")
                argument = data[at + 5 : at + 5 + length]
                at += 5 + length
                stored = argument[3:] if argument[:3] == b"1P0" else stored
                if argument[:3] == b"1Q0":
                    out.codes.append(("qr", stored.decode("ascii")))
            elif data[at : at + 3] == b"\x1dv0":
                across, down = (int.from_bytes(data[at + n : at + n + 2], "little") for n in (4, 6))
                argument = data[at + 8 : at + 8 + across * down]
                out.pictures.append((across * 8, down))
                at += 8 + across * down
            else:
                raise ValueError(f"expected a command we use at byte {at}, found {data[at : at + 4]!r}")
            out.commands.append(name + argument)
    return out


def _code128(data: bytes) -> str:
    text, subset, at = "", "", 0
    while at < len(data):
        if data[at : at + 1] == b"{" and data[at + 1 : at + 2] in (b"B", b"C"):
            subset, at = chr(data[at + 1]), at + 2
        elif data[at : at + 2] == b"{{":
            text, at = text + "{", at + 2
        else:
            text += f"{data[at]:02}" if subset == "C" else chr(data[at])
            at += 1
    return text
