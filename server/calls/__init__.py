"""What every adapter needs to talk to a platform: one HTTP line with its limits, its tokens and its troubles."""
