"""Minor units of money, for every platform alike."""

_NONE = ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF")
_THREE = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
_DIGITS = {**dict.fromkeys(_NONE, 0), **dict.fromkeys(_THREE, 3)}


def digits(currency: str) -> int:
    """Digits of a currency's minor unit, by its three letters (ISO 4217); two where nothing else is known."""
    return _DIGITS.get(currency, 2)
