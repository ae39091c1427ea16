"""The stock book kept a second time with a pencil: slow, obvious, and without a line of the product's reckoning.

``seen`` reads what the database says, ``pencil`` writes down what was done, ``proof`` compares the two. Only tests
import it.
"""
