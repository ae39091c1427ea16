"""Minor units of money, for every platform alike."""

_NONE: tuple[str, ...] = ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF")
_NONE += ("UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF")
_THREE = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
_FOUR = ("CLF", "UYW")
_DIGITS = {**dict.fromkeys(_NONE, 0), **dict.fromkeys(_THREE, 3), **dict.fromkeys(_FOUR, 4)}


def digits(currency: str) -> int:
    """Digits of a currency's minor unit, by its three letters (ISO 4217); two where nothing else is known."""
    return _DIGITS.get(currency, 2)
