"""A whole packing floor in one folder: goods, people, shop, printer, server. For `packproof demo` and its test."""
