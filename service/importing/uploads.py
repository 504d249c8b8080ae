"""The use case of uploads: a file handed in is imported beside the answers, and what became of it is kept."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final, Literal, TypeVar, cast

from msgspec.structs import replace

from service.importing.messages import Progressed
from service.importing.process import ImportDied, run_import_apart
from service.inventory.database import Database
from service.inventory.errors import InventoryUnavailable
from service.inventory.import_jobs import (
    ImportJob,
    ImportJobReport,
    ImportProgress,
    JobPage,
    begin_job,
    list_jobs,
    load_job,
    note_interrupted,
    note_not_done,
    note_progress,
)
from service.inventory.import_turn import take_import_turn
from service.inventory.importers.errors import ImportRefusal
from service.inventory.importers.importing import READING, ImportRequest
from service.settings import Settings

_KEEP_SECONDS: Final = 1.0
_ATTEMPTS: Final = 10
_PAUSE_SECONDS: Final = 0.2
_log = logging.getLogger(__name__)
_Job = TypeVar("_Job", bound=ImportJob)


class ImportUnderWay(Exception):
    """Another import is under way, in this process or another one."""


class Uploads:
    """Imports files that were handed in, one at a time over all processes."""

    def __init__(self, database: Database, *, settings: Settings) -> None:
        """Import into `database`, which is that of `settings`."""
        self._database = database
        self._settings = settings
        self._progress: dict[int, ImportProgress] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def begin(self, request: ImportRequest, *, size_bytes: int, actor: str, files: AsyncExitStack) -> int:
        """Begin to import the file that `request` names, and return the number of the import.

        `files` is closed when the file is needed no more, however it goes.

        Raises:
            ImportUnderWay: it is not this file's turn.
            InventoryUnavailable: the database cannot be reached.
        """
        async with AsyncExitStack() as held:
            held.push_async_callback(files.aclose)
            await held.enter_async_context(self._wait_for_turn())
            async with self._database.change() as session:
                # Whoever has the turn knows that nobody else imports.
                await note_interrupted(session)
                job_id = await begin_job(session, request, size_bytes=size_bytes)
            kept = held.pop_all()
        task = asyncio.create_task(self._import(job_id, request, actor=actor, held=kept), name=f"import {job_id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return job_id

    async def load(self, job_id: int) -> ImportJobReport:
        """Return what became of an import so far.

        Raises:
            JobNotFound: none has that number.
            InventoryUnavailable: the database cannot be reached.
        """
        job = await self._read(job_id)
        if self._may_be_dead(job):
            await self._note_the_dead()
            job = await self._read(job_id)
        return self._with_progress(job)

    async def list(self, *, cursor: str | None, limit: int) -> JobPage:
        """Return a page of imports, the newest first, each as far as it is.

        Raises:
            InvalidCursor: `cursor` is none that a page of imports has given.
            InventoryUnavailable: the database cannot be reached.
        """
        page = await self._read_page(cursor=cursor, limit=limit)
        if any(map(self._may_be_dead, page.jobs)):
            await self._note_the_dead()
            page = await self._read_page(cursor=cursor, limit=limit)
        return replace(page, jobs=tuple(map(self._with_progress, page.jobs)))

    async def close(self) -> None:
        """End imports under way; nothing of them is imported."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @asynccontextmanager
    async def _wait_for_turn(self) -> AsyncGenerator[None]:
        """Wait a little: an import that is done takes a moment to give its turn back."""
        for _ in range(_ATTEMPTS):
            async with take_import_turn(self._database) as is_ours:
                if is_ours:
                    yield
                    return
            await asyncio.sleep(_PAUSE_SECONDS)
        raise ImportUnderWay

    def _may_be_dead(self, job: ImportJob) -> bool:
        return job.state == "running" and job.import_id not in self._progress

    async def _note_the_dead(self) -> None:
        async with take_import_turn(self._database) as is_ours:
            if is_ours:
                # Nobody imports: who did so died of it.
                async with self._database.change() as session:
                    await note_interrupted(session)

    def _with_progress(self, job: _Job) -> _Job:
        progress = self._progress.get(job.import_id)
        return job if progress is None or job.state != "running" else replace(job, progress=progress)

    async def _read(self, job_id: int) -> ImportJobReport:
        async with self._database.read() as session:
            return await load_job(session, job_id)

    async def _read_page(self, *, cursor: str | None, limit: int) -> JobPage:
        async with self._database.read() as session:
            return await list_jobs(session, cursor=cursor, limit=limit)

    async def _import(self, job_id: int, request: ImportRequest, *, actor: str, held: AsyncExitStack) -> None:
        self._progress[job_id] = ImportProgress(step=None, done=0, total=0)
        keeping = asyncio.create_task(self._keep_progress(job_id))
        try:
            async with held:
                error = ""
                state: Literal["failed", "refused"] = "failed"
                try:
                    await run_import_apart(
                        self._settings,
                        request,
                        actor=actor,
                        job_id=job_id,
                        progress=lambda progressed: self._note(job_id, progressed),
                    )
                except ImportRefusal as refusal:
                    error, state = str(refusal), "refused"
                except (ImportDied, InventoryUnavailable) as failure:
                    error = str(failure)
                    _log.warning("not imported import=%d reason=%s", job_id, error)
                if error:
                    async with self._database.change() as session:
                        await note_not_done(session, job_id, state=state, error=error)
        except InventoryUnavailable as unavailable:
            _log.warning("import=%d ends untold reason=%s", job_id, unavailable)
        finally:
            keeping.cancel()
            del self._progress[job_id]

    def _note(self, job_id: int, progressed: Progressed) -> None:
        step = cast("Literal['reading', 'writing']", progressed.step)
        self._progress[job_id] = ImportProgress(step=step, done=progressed.done, total=progressed.total)

    async def _keep_progress(self, job_id: int) -> None:
        """Keep how far the import is where other processes see it."""
        while True:
            await asyncio.sleep(_KEEP_SECONDS)
            progress = self._progress[job_id]
            # On SQLite nobody else can write while the import does.
            if progress.step == READING or not self._database.is_sqlite:
                with contextlib.suppress(InventoryUnavailable):
                    async with self._database.change() as session:
                        await note_progress(session, job_id, progress)
