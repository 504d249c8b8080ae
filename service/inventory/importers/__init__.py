"""Catalogues of other people, and our own lists, brought into the inventory."""
