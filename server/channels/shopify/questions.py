"""Every GraphQL document we send, for version 2026-10. A cost is at most 1,000 points, counted as the shop counts them.

Lists are cut where a shop's ordinary order ends, so that a page of orders stays cheap; what is longer is read on.
"""

from server.channels.shopify.asking import Question

ORDERS_A_PAGE = 14
LINES_A_PAGE = 6
PARCELS_A_PAGE = 4
LISTINGS_A_PAGE = 150
ROWS_MAX = 250
"""Most elements of a list that is sent."""

_LINE = """
fragment Line on LineItem {
  id sku name quantity currentQuantity unfulfilledQuantity requiresShipping
  customAttributes { key value }
  variant { id }
  originalUnitPriceSet { shopMoney { amount } }
}
"""

_SOLD = """
fragment Sold on Order {
  id name createdAt updatedAt cancelledAt cancelReason closedAt test note email phone poNumber sourceName tags
  currencyCode displayFinancialStatus displayFulfillmentStatus
  customAttributes { key value }
  currentTotalPriceSet { shopMoney { amount } }
  currentTotalTaxSet { shopMoney { amount } }
  netPaymentSet { shopMoney { amount } }
  risk { recommendation }
  shippingAddress { name company address1 address2 city province provinceCode zip countryCodeV2 phone }
  shippingLine { title code source carrierIdentifier }
  lineItems(first: 6) { nodes { ...Line } pageInfo { hasNextPage endCursor } }
  fulfillments(first: 4) { id status trackingInfo(first: 2) { number } }
  fulfillmentOrders(first: 2) {
    nodes {
      id status fulfillBy
      fulfillmentHolds { reason }
      deliveryMethod { maxDeliveryDateTime }
      assignedLocation { location { id isFulfillmentService } }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""

ORDERS = Question(
    "Orders",
    """query Orders($first: Int!, $after: String, $query: String!, $sort: OrderSortKeys!) {
  orders(first: $first, after: $after, query: $query, sortKey: $sort) {
    nodes { ...Sold }
    pageInfo { hasNextPage endCursor }
  }
}"""
    + _SOLD
    + _LINE,
    900,
)

ORDER = Question("Order", "query Order($id: ID!) { order(id: $id) { ...Sold } }" + _SOLD + _LINE, 64)

LINES = Question(
    "Lines",
    """query Lines($id: ID!, $after: String) {
  order(id: $id) { lineItems(first: 100, after: $after) { nodes { ...Line } pageInfo { hasNextPage endCursor } } }
}"""
    + _LINE,
    502,
)

OF_PLACE = Question("OfPlace", "query OfPlace($id: ID!) { fulfillmentOrder(id: $id) { orderId } }", 1)

PARCELS = Question(
    "Parcels",
    """query Parcels($id: ID!) {
  order(id: $id) {
    fulfillments(first: 30) {
      id status createdAt
      trackingInfo(first: 3) { number }
      fulfillmentLineItems(first: 12) {
        nodes { quantity lineItem { id } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
}""",
    841,
)

PARCEL = Question(
    "Parcel",
    """query Parcel($id: ID!, $after: String) {
  fulfillment(id: $id) {
    fulfillmentLineItems(first: 250, after: $after) {
      nodes { quantity lineItem { id } }
      pageInfo { hasNextPage endCursor }
    }
  }
}""",
    501,
)

PLACES = Question(
    "Places",
    """query Places($id: ID!, $after: String) {
  order(id: $id) {
    fulfillmentOrders(first: 5, after: $after) {
      nodes {
        id status fulfillBy
        fulfillmentHolds { reason }
        deliveryMethod { maxDeliveryDateTime }
        assignedLocation { location { id isFulfillmentService } }
        supportedActions { action }
        lineItems(first: 50) {
          nodes { id totalQuantity remainingQuantity lineItem { id } }
          pageInfo { hasNextPage endCursor }
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}""",
    531,
)

PLACE = Question(
    "Place",
    """query Place($id: ID!, $after: String) {
  fulfillmentOrder(id: $id) {
    lineItems(first: 250, after: $after) {
      nodes { id totalQuantity remainingQuantity lineItem { id } }
      pageInfo { hasNextPage endCursor }
    }
  }
}""",
    501,
)

SHIP = Question(
    "Ship",
    """mutation Ship($fulfillment: FulfillmentInput!) {
  fulfillmentCreate(fulfillment: $fulfillment) {
    fulfillment { id status }
    userErrors { field message }
  }
}""",
    13,
)

CANCEL = Question(
    "Cancel",
    """mutation Cancel(
  $id: ID!, $reason: OrderCancelReason!, $refund: OrderCancelRefundMethodInput, $notify: Boolean!, $note: String
) {
  orderCancel(
    orderId: $id, reason: $reason, restock: false, refundMethod: $refund, notifyCustomer: $notify, staffNote: $note
  ) {
    job { id done }
    orderCancelUserErrors { code field message }
  }
}""",
    13,
)

CANCELLED = Question(
    "Cancelled",
    """query Cancelled($id: ID!) {
  order(id: $id) {
    id cancelledAt
    fulfillments(first: 30) { status }
    refunds(first: 100) { note }
    lineItems(first: 250) {
      nodes { id unfulfilledQuantity requiresShipping }
      pageInfo { hasNextPage endCursor }
    }
  }
}""",
    381,
)

REFUND_PLAN = Question(
    "PlanRefund",
    """query PlanRefund($id: ID!, $lines: [RefundLineItemInput!]!) {
  order(id: $id) {
    suggestedRefund(refundLineItems: $lines) {
      suggestedTransactions {
        gateway
        amountSet { presentmentMoney { amount currencyCode } }
        parentTransaction { id }
      }
    }
  }
}""",
    6,
)

REFUND = Question(
    "Refund",
    """mutation Refund($input: RefundInput!, $key: String!) {
  refundCreate(input: $input) @idempotent(key: $key) {
    refund { id }
    userErrors { field message }
  }
}""",
    13,
)

SHOP = Question(
    "Shop",
    """query Shop {
  shop { name myshopifyDomain }
  currentAppInstallation { accessScopes { handle } }
  locations(first: 100) { nodes { id name isActive isFulfillmentService } }
}""",
    104,
)

LISTINGS = Question(
    "Listings",
    """query Listings($first: Int!, $after: String, $place: ID!) {
  productVariants(first: $first, after: $after, query: "product_status:active", sortKey: ID) {
    nodes {
      id sku barcode displayName inventoryPolicy requiresComponents
      inventoryItem {
        id tracked
        inventoryLevel(locationId: $place) { quantities(names: ["available"]) { name quantity } }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}""",
    601,
)

NUMBERS = Question(
    "Numbers",
    """query Numbers($ids: [ID!]!, $place: ID!) {
  nodes(ids: $ids) {
    __typename
    ... on InventoryItem {
      id
      tracked
      inventoryLevel(locationId: $place) { quantities(names: ["available"]) { name quantity } }
    }
  }
}""",
    750,
)

SET_NUMBERS = Question(
    "SetNumbers",
    """mutation SetNumbers($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup { id }
    userErrors { code field message }
  }
}""",
    13,
)

STOCK_HERE = Question(
    "StockHere",
    """mutation StockHere($item: ID!, $place: ID!, $available: Int!, $key: String!) {
  inventoryActivate(inventoryItemId: $item, locationId: $place, available: $available) @idempotent(key: $key) {
    inventoryLevel { id }
    userErrors { field message }
  }
}""",
    13,
)
