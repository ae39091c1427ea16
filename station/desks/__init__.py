"""One file per job at a bench: scan in, verdict out. Imports rules, journal and workplace; never Textual."""
