"""Errors as eBay writes them, by the numbers in its contracts."""

from typing import Any

from server.simulated.platforms.base import Said

_SAID = {
    1001: ("OAuth", "Invalid access token"),
    1100: ("ACCESS", "Access denied"),
    2001: ("ACCESS", "Too many requests."),
    2002: ("ACCESS", "Resource not found"),
    25001: ("API_INVENTORY", "A system error has occurred."),
    25002: ("API_INVENTORY", "Any User error."),
    25702: ("API_INVENTORY", "The SKU could not be found or is not available in the system."),
    25706: ("API_INVENTORY", "You have provided invalid pagination values."),
    25709: ("API_INVENTORY", "Invalid value."),
    25713: ("API_INVENTORY", "This Offer is not available."),
    25727: ("API_INVENTORY", "The number of InventoryItems in the request cannot exceed 25."),
    25734: ("API_INVENTORY", "SKU should be unique in the request."),
    30700: ("API_FULFILLMENT", "Invalid filter name"),
    30810: ("API_FULFILLMENT", "Invalid date format"),
    30840: ("API_FULFILLMENT", "Start date should be before end date"),
    30850: ("API_FULFILLMENT", "Start and end dates can't be in the future"),
    31000: ("API_FULFILLMENT", "Invalid offset"),
    31100: ("API_FULFILLMENT", "Invalid limit"),
    32100: ("API_FULFILLMENT", "Invalid Order Id"),
    32200: ("API_FULFILLMENT", "Invalid line item id"),
    32210: ("API_FULFILLMENT", "Duplicate line item in the request"),
    32300: ("API_FULFILLMENT", "Invalid shipment tracking number or carrier"),
    32500: ("API_FULFILLMENT", "Invalid shipped date"),
    32600: ("API_FULFILLMENT", "Invalid input data"),
    195001: ("API_NOTIFICATION", "The specified key id is invalid."),
}


class Wrong(Exception):
    """eBay says no: ``number`` of its error, and the status it says it with."""

    def __init__(self, number: int, status: int = 400, more: str = "") -> None:
        super().__init__(number)
        self.number, self.status, self.more = number, status, more

    def said(self) -> Said:
        """The answer."""
        return Said.of({"errors": [error(self.number, self.more)]}, self.status)


def error(number: int, more: str = "") -> dict[str, Any]:
    """One error."""
    domain, message = _SAID[number]
    said = f"{message} {more}".strip()
    return {"errorId": number, "domain": domain, "category": "REQUEST", "message": said, "longMessage": said}
