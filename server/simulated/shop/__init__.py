"""A small web shop that really sells over HTTP on loopback; for the demo, tests and trying things out.

It speaks Packproof's documented custom-channel endpoints and knows nothing else of the product: imports nothing of it.
"""
