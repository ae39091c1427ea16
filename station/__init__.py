"""What people at a bench see and hear. Imports server.domain, server.wire, server.reading, scanners and printing."""
