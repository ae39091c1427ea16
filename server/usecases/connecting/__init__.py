"""Connecting a channel, going live, and the levers people have on one that runs: resend, throttle, mode, pause."""
