"""The dock: what may go on a vehicle, what stays, and what must be answered before it leaves.

Imports the standard library and ``server.domain.benchwork``; other rooms take its values from ``benchwork.handoff``.
"""
