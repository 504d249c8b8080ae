"""The errors of imports.

ImportRefusal
├── SourceRefused           a file, folder, zip or address that cannot be read
├── NotACatalogue           a file whose columns are not those of the format named
├── TooManyRefused          so many rows cannot be read, or so many offers would vanish, that the whole is in doubt
└── ReviewNotFound          an entry of the review list that is not there
"""

from service.inventory.errors import InventoryRefusal


class ImportRefusal(InventoryRefusal):
    """An import that was not made; the inventory is as it was."""


class SourceRefused(ImportRefusal):
    """A file, folder, zip or address that cannot be read."""


class NotACatalogue(ImportRefusal):
    """A file whose columns are not those of the format named, or that holds no offer at all."""


class TooManyRefused(ImportRefusal):
    """So many rows cannot be read, or so many offers would vanish, that the whole file is in doubt."""


class ReviewNotFound(ImportRefusal):
    """No entry of the review list has that number."""
