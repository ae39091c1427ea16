"""A simulated Amazon: Login with Amazon, the Selling Partner API and an SQS queue, on one address."""

from server.simulated.platforms.amazon.platform import Amazon

__all__ = ["PLATFORM", "Amazon"]

PLATFORM = Amazon
