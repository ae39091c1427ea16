"""The life of an order, from the channel's message to its end."""
