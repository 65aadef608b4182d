"""Chat: the commands, free of any transport, and the transports that carry them."""
