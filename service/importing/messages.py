"""What the process that imports is told, and what it tells."""

from typing import TypeAlias

from msgspec import Struct

from service.inventory.importers.download import DownloadRules
from service.inventory.importers.importing import ImportRequest
from service.inventory.importers.summary import ImportSummary


class ImportOrder(Struct, frozen=True, kw_only=True):
    """An import to make; `database_url` holds a password, so an order goes over a pipe and never on a command line.

    `actor` is who the audit trail says imported it; `job_id` the upload that becomes done with the import.
    """

    database_url: str
    request: ImportRequest
    actor: str = "command line"
    job_id: int | None = None
    rules: DownloadRules | None = None


class Progressed(Struct, frozen=True, kw_only=True, tag="progressed"):
    """How far the import is: the step ("reading", in bytes, or "writing", in offers), what is done, what there is."""

    step: str
    done: int
    total: int


class Imported(Struct, frozen=True, kw_only=True, tag="imported"):
    """The import was made."""

    summary: ImportSummary


class NotImported(Struct, frozen=True, kw_only=True, tag="not imported"):
    """The import was not made; `is_refusal` says that the source is the reason, and not the database."""

    message: str
    is_refusal: bool


Message: TypeAlias = Progressed | Imported | NotImported
