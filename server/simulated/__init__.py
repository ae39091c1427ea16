"""A web shop that really sells, for the demo, the tests and trying things out."""
