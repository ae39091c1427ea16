"""The devices of a bench, with the numbers of their makers for which the udev rules of deploy/ are written."""

from tests.vm.gadgets import Label

ZEBRA = Label(0x05E0, 0x1200, "Zebra", "Symbol Scanner", "S1")
HONEYWELL = Label(0x0C2E, 0x0B6A, "Honeywell", "Scanner", "H1")
ZD421 = Label(0x0A5F, 0x0166, "Zebra", "ZD421", "D4J2")
DYMO = Label(0x0922, 0x8003, "DYMO", "S100")
