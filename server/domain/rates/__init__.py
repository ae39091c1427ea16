"""Which carrier and service a parcel takes: the cheapest offer that qualifies, and why not the others.

Like all of the domain it imports the standard library and itself only.
"""
