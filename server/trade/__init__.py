"""What the adapters of channels and the rest of the server say to each other: values, in the words of no platform."""
