"""The packing rules, pure: one session, one scan, one verdict. Imports the rest of the domain only."""
