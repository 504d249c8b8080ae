"""Where catalogues come from: one file, a folder of files, or a zip of files; each with its checksum and date."""

import datetime as dt
import hashlib
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePath, PurePosixPath
from typing import IO, Final

from msgspec import Struct

from service.inventory.importers.csv_rows import MAX_LINE_BYTES
from service.inventory.importers.errors import SourceRefused
from service.inventory.utc import today

# All catalogues of SkyPilot together have about 10 MB.
MAX_BYTES: Final = 512 * 1024 * 1024
MAX_FILES: Final = 1000
_CHUNK: Final = 1024 * 1024
_TELL_EVERY_BYTES: Final = 64 * 1024
_ZIP_ERRORS: Final = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)


class SourceFile(Struct, frozen=True, kw_only=True):
    """One file of a source: its path there, its address for people, size, checksum (SHA-256) and date.

    The date is the file's own, which a copy may have lost: an estimate of the day that its prices are of, unless
    `date_basis` says better. `open` gives the bytes, unpacked, as often as asked.
    """

    path: PurePosixPath
    location: str
    size_bytes: int
    checksum: str
    date: dt.date
    open: Callable[[], IO[bytes]]
    date_basis: str = "estimated"


def read_lines(file: SourceFile, *, report: Callable[[int], None] = lambda _: None) -> Iterator[bytes]:
    """Yield the lines of `file`; `report` is told now and then, and at the end, how many bytes have been read.

    Of a line longer than a row may be, one byte more than that comes, and the rest is passed over.
    """
    done = told = 0
    with _said_in_our_words(file.location), file.open() as stream:
        while line := stream.readline(MAX_LINE_BYTES + 1):
            done += len(line)
            rest = line
            while len(rest) > MAX_LINE_BYTES and not rest.endswith(b"\n"):
                rest = stream.readline(MAX_LINE_BYTES + 1)
                done += len(rest)
            if done - told >= _TELL_EVERY_BYTES:
                told = done
                report(done)
            yield line
        report(done)


@contextmanager
def open_source(
    path: Path, *, suffixes: tuple[str, ...], location: str | None = None, max_bytes: int = MAX_BYTES
) -> Generator[list[SourceFile], None, None]:
    """Give the files with one of `suffixes` that `path` is or holds, by path; `location` is its address for people.

    Raises:
        SourceRefused: there is nothing, it cannot be read, it holds no such file, or it is too large.
    """
    shown = str(path) if location is None else location
    with ExitStack() as stack:
        with _said_in_our_words(shown):
            if path.is_dir():
                files = list(_in_folder(path, suffixes=suffixes, max_bytes=max_bytes))
            elif not path.exists():
                raise SourceRefused(f"There is no file or folder {shown}.")
            elif not path.is_file():
                raise SourceRefused(
                    f"{shown} is neither a file nor a folder, but something that has no end or no size."
                )
            elif zipfile.is_zipfile(path):
                archive = stack.enter_context(zipfile.ZipFile(path))
                files = list(_in_zip(archive, path=path, shown=shown, suffixes=suffixes, max_bytes=max_bytes))
            else:
                files = [_on_disk(path, _inner(path), shown=shown, max_bytes=max_bytes)]
            if not files:
                raise SourceRefused(f"{shown} holds no {' or '.join(suffixes)} file.")
        yield files


@contextmanager
def _said_in_our_words(shown: str) -> Generator[None, None, None]:
    try:
        yield
    except OSError as error:
        raise SourceRefused(f"{shown} cannot be read: {error.strerror or error}.") from error
    except _ZIP_ERRORS as error:
        raise SourceRefused(f"{shown} is a zip that cannot be unpacked: {error}.") from error


def _inner(path: Path) -> PurePosixPath:
    return PurePosixPath(path.resolve().as_posix())


def _in_folder(folder: Path, *, suffixes: tuple[str, ...], max_bytes: int) -> Iterator[SourceFile]:
    found = sorted(
        path for path in folder.rglob("*") if _is_among(path.relative_to(folder), suffixes) and path.is_file()
    )
    if len(found) > MAX_FILES:
        raise SourceRefused(f"{folder} holds {len(found)} such files; allowed are {MAX_FILES}.")
    for path in found:
        file = _on_disk(path, _inner(path), shown=str(path), max_bytes=max_bytes)
        max_bytes -= file.size_bytes
        yield file


def _on_disk(path: Path, inner: PurePosixPath, *, shown: str, max_bytes: int) -> SourceFile:
    status = path.stat()
    if status.st_size > max_bytes:
        raise SourceRefused(f"{shown} has {status.st_size:,} bytes; allowed are {max_bytes:,}.")
    modified = dt.datetime.fromtimestamp(status.st_mtime, tz=dt.UTC).date()
    with path.open("rb") as stream:
        size, checksum = _measure(stream, max_bytes=max_bytes, shown=shown)
    return SourceFile(
        path=inner,
        location=shown,
        size_bytes=size,
        checksum=checksum,
        date=min(modified, today()),
        open=lambda: path.open("rb"),
    )


def _in_zip(
    archive: zipfile.ZipFile, *, path: Path, shown: str, suffixes: tuple[str, ...], max_bytes: int
) -> Iterator[SourceFile]:
    members = sorted(
        (each for each in archive.infolist() if _is_among(PurePosixPath(each.filename), suffixes)),
        key=lambda each: each.filename,
    )
    if len(members) > MAX_FILES:
        raise SourceRefused(f"{shown} holds {len(members)} such files; allowed are {MAX_FILES}.")
    zipped = dt.datetime.fromtimestamp(path.stat().st_mtime, tz=dt.UTC).date()
    for member in members:
        if member.is_dir():
            continue
        # What the zip says of its sizes is no promise: the bytes are counted as they are unpacked.
        with archive.open(member) as stream:
            size, checksum = _measure(stream, max_bytes=max_bytes, shown=f"{shown}, unpacked,")
        max_bytes -= size
        yield SourceFile(
            path=PurePosixPath("/") / member.filename,
            location=f"{shown}!{member.filename}",
            size_bytes=size,
            checksum=checksum,
            date=min(_date_of(member, otherwise=zipped), today()),
            open=lambda member=member: archive.open(member),
        )


def _is_among(path: PurePath, suffixes: tuple[str, ...]) -> bool:
    # Dot files, and the folder that macOS packs along, are a system's own.
    is_hidden = any(part == "__MACOSX" or part.startswith(".") for part in path.parts)
    return path.suffix.casefold() in suffixes and not is_hidden


def _date_of(member: zipfile.ZipInfo, *, otherwise: dt.date) -> dt.date:
    try:
        date = dt.date(*member.date_time[:3])
    except ValueError:
        return otherwise
    # 1980-01-01 is what a zip says that knows no date.
    return date if date > dt.date(1980, 1, 1) else otherwise


def _measure(stream: IO[bytes], *, max_bytes: int, shown: str) -> tuple[int, str]:
    size, digest = 0, hashlib.sha256()
    while chunk := stream.read(_CHUNK):
        size += len(chunk)
        if size > max_bytes:
            raise SourceRefused(f"{shown} has more than {max_bytes:,} bytes; allowed are {max_bytes:,}.")
        digest.update(chunk)
    return size, digest.hexdigest()
