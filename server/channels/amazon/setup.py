"""The settings of a channel at Amazon, and the limits of its operations."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from server.calls.line import bound
from server.calls.pace import Limit
from server.domain.errors import DomainError
from server.trade.words import Setting

NAME = "Amazon"
API = "https://sellingpartnerapi-na.amazon.com"
AUTH = "https://api.amazon.com/auth/o2/token"

SETTINGS = (
    Setting(
        name="client_id",
        help="LWA client id of your app: Seller Central, Apps and Services, Develop Apps, LWA credentials",
    ),
    Setting(name="client_secret", help="LWA client secret, on the same page", secret=True),
    Setting(name="refresh_token", help="Refresh token: the same page, Authorize app", secret=True),
    Setting(name="seller_id", help="Merchant token: Seller Central, Settings, Account info", example="A1B2C3D4E5F6G7"),
    Setting(
        name="marketplace_id",
        help="The marketplace, one for each channel",
        default="ATVPDKIKX0DER",
        example="A1F83G8C2ARO7P",
    ),
    Setting(name="api_url", help="Address of your region: -na, -eu or -fe", default=API),
    Setting(name="auth_url", help="Address of Login with Amazon", default=AUTH),
    Setting(
        name="carriers",
        help='Table from our carriers to Amazon\'s; "Other: Name" for one it has no code for',
        default="",
    ),
    Setting(
        name="services",
        help="Table from our services to what Amazon shows the buyer as the shipping method",
        default="",
    ),
    Setting(name="feed_above", help="From how many numbers at once on they go as one feed", default="30"),
    Setting(
        name="queue_url",
        help="SQS queue that ORDER_CHANGE goes to; of this channel alone. Empty: only polling",
        default="",
    ),
    Setting(
        name="queue_key_id", help="AWS access key id that may receive and delete messages of the queue", default=""
    ),
    Setting(name="queue_secret", help="AWS secret access key", secret=True, default=""),
    Setting(name="queue_region", help="AWS region of the queue, where its address does not say it", default=""),
)

LIMITS: Mapping[str, Limit] = {
    "searchOrders": Limit(0.0056, 20),
    "getOrder": Limit(0.5, 30),
    "confirmShipment": Limit(2, 10),
    "patchListingsItem": Limit(5, 5),
    "getListingsItem": Limit(5, 10),
    "searchListingsItems": Limit(5, 5),
    "createFeedDocument": Limit(0.5, 15),
    "createFeed": Limit(0.0083, 15),
    # Five JSON_LISTINGS_FEED in five minutes (developer-docs.amazon.com, changelog of 6 May 2025).
    "createListingsFeed": Limit(5 / 300, 5),
    "getFeed": Limit(2, 15),
    "getFeeds": Limit(0.0222, 10),
    "getFeedDocument": Limit(0.0222, 10),
    "getMarketplaceParticipations": Limit(0.016, 15),
}
"""Tokens a second and burst, as the descriptions of August 2026 say."""

BULK: Mapping[str, int] = {"stock": 5000, "shipment": 10, "cancel": 10}
AT_ONCE = 1
"""What is in flight is kept in the line's memory: two tellers at once could send a feed and a patch for one SKU."""
POLL = 240.0
"""searchOrders comes back once in three minutes."""
POLL_QUEUE = 20.0
"""Seconds between two looks into the queue; searchOrders is still asked every ``POLL``."""
ACK_WITHIN: float | None = None
SETTLES = 300.0
SHOWN_MOST: int | None = None

FEED_ABOVE = 30


def check(settings: Mapping[str, Any]) -> None:
    """See Channel."""
    for name in ("client_id", "seller_id", "marketplace_id"):
        bound(settings, name, "what Seller Central shows")
    for name in ("client_secret", "refresh_token"):
        if not settings.get(f"{name}_file"):
            bound(settings, name, "a secret")
    for name, default in (("api_url", API), ("auth_url", AUTH), ("queue_url", API)):
        url = urlsplit(str(settings.get(name) or default))
        if url.scheme not in {"http", "https"} or not url.hostname:
            raise DomainError("invalid", f"{name}: expected http(s)://host")
    for name in ("carriers", "services"):
        if settings.get(name) and not isinstance(settings[name], Mapping):
            raise DomainError("invalid", f"{name}: expected a table from ours to theirs")
    if settings.get("feed_above") and not str(settings["feed_above"]).isdecimal():
        raise DomainError("invalid", "feed_above: expected a whole number")
    if has_queue(settings):
        bound(settings, "queue_key_id", "an access key id beside queue_url")
        if not settings.get("queue_secret_file"):
            bound(settings, "queue_secret", "a secret access key beside queue_url")


def tells(settings: Mapping[str, Any]) -> bool:  # noqa: ARG001
    """See Channel."""
    return True


def poll(settings: Mapping[str, Any]) -> float:
    """See Platform."""
    return POLL_QUEUE if has_queue(settings) else POLL


def has_queue(settings: Mapping[str, Any]) -> bool:
    """Whether notifications are read."""
    return bool(settings.get("queue_url"))


def marketplace(settings: Mapping[str, Any]) -> str:
    """The marketplace of this channel."""
    return str(settings.get("marketplace_id") or "")


def seller(settings: Mapping[str, Any]) -> str:
    """The seller of this channel."""
    return str(settings.get("seller_id") or "")


def feed_above(settings: Mapping[str, Any]) -> int:
    """More numbers than this go as a feed."""
    return int(settings.get("feed_above") or FEED_ABOVE)
