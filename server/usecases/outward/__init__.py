"""Messages from and to the channels."""
