"""Proof. Each test name is a sentence about the warehouse; product code never imports from here."""
