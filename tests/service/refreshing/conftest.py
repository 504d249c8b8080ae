from tests.service.inventory.conftest import bare_database, empty_inventory
from tests.service.inventory.importers.conftest import gpu_inventory

# pytest finds fixtures here by their names.
__all__ = ["bare_database", "empty_inventory", "gpu_inventory"]
