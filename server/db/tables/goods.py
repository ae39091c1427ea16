"""Products, the codes and names that mean them, kits and boxes."""

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    false,
    true,
)

from server.db.tables.base import Big, metadata

product = Table(
    "product",
    metadata,
    Column("sku", String(64), primary_key=True),
    Column("name", String(255), nullable=False),
    Column("variant", String(120), nullable=False, server_default=""),
    Column("weight_grams", Integer),
    Column("category", String(64), nullable=False, server_default=""),
    Column("brand", String(64), nullable=False, server_default=""),
    Column("regulated", Boolean, nullable=False, server_default=false()),
    Column("hazmat", Boolean, nullable=False, server_default=false()),
    Column("lot_tracked", Boolean, nullable=False, server_default=false()),
    Column("serial_tracked", Boolean, nullable=False, server_default=false()),
    Column("expires", Boolean, nullable=False, server_default=false()),  # each of its lots has a date
    Column("life_days", Integer),  # a lot must be good for so long when it is packed; empty: until it is delivered
    Column("typed_quantity", Boolean, nullable=False, server_default=false()),
    Column("made_to_order", Integer),  # the number told to channels; such a product never reserves units
    Column("lead_days", Float),  # supplier lead time
    Column("margin_percent", Float),
    Column("look_alike", String(64), nullable=False, server_default=""),
    Column("differs_by", String(120), nullable=False, server_default=""),
    Column("image_url", String(500), nullable=False, server_default=""),
    Column("attributes", JSON, nullable=False, server_default="{}"),
    Column("length_mm", Integer),
    Column("width_mm", Integer),
    Column("height_mm", Integer),
    Column("pack_note", String(255), nullable=False, server_default=""),  # shown before the first scan
    Column("material", String(120), nullable=False, server_default=""),  # to be fetched before the first scan
    Column("own_box", Boolean, nullable=False, server_default=false()),  # travels in the maker's box
    Column("hazmat_services", JSON, nullable=False, server_default="[]"),  # "carrier/service" each, or "carrier"
    Column("picture", String(64), nullable=False, server_default=""),  # the digest of one below
)

picture = Table(
    "picture",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("png", LargeBinary, nullable=False),
)
"""Small pictures of products, by the SHA-256 of their bytes."""

product_code = Table(
    "product_code",
    metadata,
    Column("code", String(96), primary_key=True),
    Column("sku", ForeignKey("product.sku"), primary_key=True),
    Column("units", Integer, nullable=False),
    CheckConstraint("units > 0", name="units"),
)

box_type = Table(
    "box_type",
    metadata,
    Column("code", String(32), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("length_mm", Integer),
    Column("width_mm", Integer),
    Column("height_mm", Integer),
    Column("tare_grams", Integer),
    Column("max_grams", Integer),  # what it holds, itself included
    Column("carriers", JSON, nullable=False, server_default="[]"),  # codes of those who take it; empty: all
)

alias = Table(
    "alias",
    metadata,
    Column("channel_id", Integer, primary_key=True),  # 0: every channel
    Column("code", String(120), primary_key=True),  # in its normal form, see domain.aliases
    Column("text", String(120), nullable=False, server_default=""),  # as it was written
    Column("kind", String(16), nullable=False, server_default="sku"),
    Column("sku", ForeignKey("product.sku"), nullable=False),
    Column("at", Float, nullable=False),
    Column("actor", String(120), nullable=False),
    Index(None, "sku"),
    Index(None, "code"),
)
"""What a channel calls a product. One code of one channel means one SKU."""

kit = Table(
    "kit",
    metadata,
    Column("sku", ForeignKey("product.sku"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("current", Boolean, nullable=False),
    Column("assembled", Boolean, nullable=False, server_default=false()),  # sold only when built before
    Column("at", Float, nullable=False),
    Column("actor", String(120), nullable=False),
)

kit_component = Table(
    "kit_component",
    metadata,
    Column("kit_sku", String(64), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("sku", ForeignKey("product.sku"), primary_key=True),
    Column("quantity", Integer, nullable=False),
    CheckConstraint("quantity > 0", name="quantity"),
)
"""What a person wrote: components may be kits themselves."""

kit_leaf = Table(
    "kit_leaf",
    metadata,
    Column("kit_sku", String(64), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("sku", String(64), primary_key=True),
    Column("quantity", Integer, nullable=False),
    CheckConstraint("quantity > 0", name="quantity"),
)
"""What it comes to on the shelves. A kit inside changed: this one has a new version, and old orders keep the old."""

substitution = Table(
    "substitution",
    metadata,
    Column("id", Big, primary_key=True),
    Column("sku", String(64), nullable=False),
    Column("substitute_sku", String(64), nullable=False),
    Column("channel_id", Integer, nullable=False),  # 0: every channel
    Column("automatic", Boolean, nullable=False),
    Column("approved_by", String(120), nullable=False),
    Column("reason", String(255), nullable=False, server_default=""),
    Column("at", Float, nullable=False),
    Column("active", Boolean, nullable=False, server_default=true()),
    UniqueConstraint("sku", "substitute_sku", "channel_id"),
)

substitution_rule = Table(
    "substitution_rule",
    metadata,
    Column("id", Big, primary_key=True),
    Column("category", String(64), nullable=False),  # * is any
    Column("channel", String(32), nullable=False),  # * is any
    Column("approval", String(16), nullable=False),  # never | ask | auto
    Column("actor", String(120), nullable=False),
    Column("at", Float, nullable=False),
    Column("active", Boolean, nullable=False, server_default=true()),
)
"""The approval matrix."""

postcode = Table(
    "postcode",
    metadata,
    Column("country", String(2), primary_key=True),
    Column("code", String(16), primary_key=True),
    Column("place", String(120), nullable=False),
    Column("latitude", Float, nullable=False),
    Column("longitude", Float, nullable=False),
)

mapping_snapshot = Table(
    "mapping_snapshot",
    metadata,
    Column("channel_id", Integer, primary_key=True),
    Column("code", String(120), primary_key=True),
    Column("listing", JSON, nullable=False),
    Column("at", Float, nullable=False),
)
"""What a channel said of each of its codes and sites (told), and what it (seen) and we (ours) held last night."""

low_stock = Table(
    "low_stock",
    metadata,
    Column("sku", String(64), primary_key=True),
    Column("site_id", Integer, primary_key=True),  # 0: all sites together
    Column("threshold", Integer, nullable=False),
    Column("since", Float, nullable=False),
)
"""SKUs below their threshold that people were told of; a row goes when the stock has risen well above it."""

velocity = Table(
    "velocity",
    metadata,
    Column("sku", String(64), primary_key=True),
    Column("site_id", Integer, primary_key=True),  # 0: all sites together
    Column("shipped", Integer, nullable=False),
    Column("days", Integer, nullable=False),
    Column("at", Float, nullable=False),
)
"""Units shipped over days with stock, computed each morning; SKUs that do not move have no row."""
