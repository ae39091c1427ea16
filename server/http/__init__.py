"""Thin routes: decode, call a use case, encode. Imports use cases, wire and the domain; holds no rules."""
