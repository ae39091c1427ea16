"""Attributes of a product that customs ask for; they tell no two variants of it apart."""

HS_CODE, ORIGIN, VALUE, TEXT = "hs_code", "origin_country", "customs_value", "customs_text"
FOR_CUSTOMS = frozenset({HS_CODE, ORIGIN, VALUE, TEXT})
