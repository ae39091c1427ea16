"""Scanners, a printer and a scale on a real kernel: Debian's, in a machine of its own, with USB devices played inside.

`make test-vm` boots it under QEMU (software emulation, no KVM, no root) and shows what pytest says in there. It sees
the files of this machine and can change none: its own writes stay in its memory. `dummy_hcd` and configfs let it be
its own USB devices, so that evdev, usblp, cdc-acm and hidraw are the kernel's, their names and groups in /dev udev's,
and only the hand which pulls the trigger is ours.

    image.py        what the machine boots: kernel, the few modules before its files are there, the first script
    floor.py        the data of the server inside
    __main__.py     on this side: starts it, gives its exit code on
    guest.py        on the other side: drivers, udev, the server, then pytest
    gadgets.py      any device, plugged in and out as hands do; hid.py, lines.py: the kinds; devices.py: their labels
    hearing.py      the product's reader on them
    test_*.py       run inside only; `make test-vm only=printer` for those whose name has the word
"""
