"""All tables of the database in one place, for the migrations: a module that holds tables is named here."""

from typing import Final

from sqlalchemy import MetaData

from service.inventory import import_tables, tables

TABLE_MODULES: Final = (tables, import_tables)
METADATA: Final[MetaData] = tables.Table.metadata
