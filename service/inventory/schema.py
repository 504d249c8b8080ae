"""All tables of the database in one place, for the migrations: a module that holds tables is named here."""

from typing import Final

from sqlalchemy import MetaData

from service.inventory import api_keys, audit, import_tables, job_tables, own_models, refresh_tables, tables
from service.inventory.fleet import tables as fleet_tables

TABLE_MODULES: Final = (tables, audit, import_tables, job_tables, own_models, refresh_tables, api_keys, fleet_tables)
METADATA: Final[MetaData] = tables.Table.metadata
