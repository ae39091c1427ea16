"""One verb per function, one transaction each. Imports db, channels, carriers, wire and the domain."""
