"""The parts of an order of Orders 2026-01-01 that are read; whatever else there is stays in ``raw``."""

from msgspec import Struct


class Money(Struct, rename="camel"):
    """An amount as text, in the currency's usual unit."""

    amount: str
    currency_code: str


class Window(Struct, rename="camel"):
    """From when to when."""

    latest_date_time: str | None = None


class Extended(Struct, rename="camel"):
    """Brazil's parts of an address."""

    street_name: str | None = None
    street_number: str | None = None
    complement: str | None = None
    neighborhood: str | None = None


class Address(Struct, rename="camel"):
    """Where it goes."""

    name: str | None = None
    company_name: str | None = None
    address_line1: str | None = None
    address_line2: str | None = None
    address_line3: str | None = None
    city: str | None = None
    district_or_county: str | None = None
    state_or_region: str | None = None
    municipality: str | None = None
    postal_code: str | None = None
    country_code: str | None = None
    phone: str | None = None
    extended_fields: Extended | None = None


class Preference(Struct, rename="camel"):
    """The buyer's wishes for the delivery."""

    drop_off_location: str | None = None
    address_instruction: str | None = None


class Recipient(Struct, rename="camel"):
    """Whom it goes to."""

    delivery_address: Address | None = None
    delivery_preference: Preference | None = None


class Buyer(Struct, rename="camel"):
    """Who bought."""

    buyer_name: str | None = None
    buyer_email: str | None = None


class Proceeds(Struct, rename="camel"):
    """What it costs."""

    grand_total: Money | None = None


class Fulfillment(Struct, rename="camel"):
    """How far the order is."""

    fulfillment_status: str
    fulfilled_by: str | None = None
    fulfillment_service_level: str | None = None
    ship_by_window: Window | None = None
    deliver_by_window: Window | None = None


class Price(Struct, rename="camel"):
    """For one unit."""

    unit_price: Money | None = None


class Customization(Struct, rename="camel"):
    """Where the buyer's own design lies."""

    customized_url: str | None = None


class Product(Struct, rename="camel"):
    """What was bought."""

    asin: str | None = None
    title: str | None = None
    seller_sku: str | None = None
    price: Price | None = None
    customization: Customization | None = None


class Gift(Struct, rename="camel"):
    """What goes into the box."""

    gift_message: str | None = None


class Packing(Struct, rename="camel"):
    """How it is packed."""

    gift_option: Gift | None = None


class Units(Struct, rename="camel"):
    """How far one line is."""

    quantity_fulfilled: int | None = None
    quantity_unfulfilled: int | None = None
    packing: Packing | None = None


class Execution(Struct, rename="camel"):
    """A cancel that was carried out; a mere request has none."""

    cancelled_by: str | None = None


class Request(Struct, rename="camel"):
    """A wish to cancel; the reason is the buyer's own words and is not read."""

    requester: str | None = None


class Cancellation(Struct, rename="camel"):
    """What became of a wish to cancel."""

    cancellation_request: Request | None = None
    cancellation_execution: Execution | None = None


class Item(Struct, rename="camel"):
    """One line."""

    order_item_id: str
    quantity_ordered: int
    product: Product
    fulfillment: Units | None = None
    cancellation: Cancellation | None = None


class Package(Struct, rename="camel"):
    """A parcel that Amazon was told of."""

    tracking_number: str | None = None


class Order(Struct, rename="camel"):
    """One order."""

    order_id: str
    created_time: str
    last_updated_time: str
    order_items: list[Item]
    fulfillment: Fulfillment
    buyer: Buyer | None = None
    recipient: Recipient | None = None
    proceeds: Proceeds | None = None
    packages: list[Package] | None = None
