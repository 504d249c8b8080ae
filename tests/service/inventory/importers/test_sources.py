import datetime as dt
import hashlib
import os
import zipfile
from pathlib import Path

import pytest

from service.inventory.importers.errors import SourceRefused
from service.inventory.importers.formats import GPUHUNT, SKYPILOT, choose_sheets
from service.inventory.importers.sources import open_source, read_lines
from service.inventory.utc import today
from tests.service.inventory.importers.conftest import CATALOGUES

CSV = (".csv",)


def _zip(path: Path, members: dict[str, bytes], *, compression: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def test_a_file_comes_with_its_checksum_size_and_date(tmp_path: Path) -> None:
    path = tmp_path / "aws.csv"
    path.write_bytes(b"a,b\n1,2\n")
    stamp = dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC).timestamp()
    os.utime(path, (stamp, stamp))

    with open_source(path, suffixes=CSV) as (file,):
        assert (file.location, file.size_bytes, file.date) == (str(path), 8, dt.date(2026, 3, 4))
        assert file.checksum == hashlib.sha256(b"a,b\n1,2\n").hexdigest()
        assert list(read_lines(file)) == [b"a,b\n", b"1,2\n"]


def test_a_file_from_the_future_is_dated_today(tmp_path: Path) -> None:
    path = tmp_path / "aws.csv"
    path.write_bytes(b"a,b\n")
    os.utime(path, (4e9, 4e9))
    with open_source(path, suffixes=CSV) as (file,):
        assert file.date == today()


def test_a_folder_gives_its_catalogues_and_not_what_lies_beside_them() -> None:
    with open_source(CATALOGUES / "skypilot", suffixes=CSV) as files:
        sheets = choose_sheets(files, format_=SKYPILOT)
    assert len(files) == len(sheets) + 1
    assert {sheet.file.path.name for sheet in sheets} == {"vms.csv"}


def test_two_versions_of_one_catalogue_are_refused(tmp_path: Path) -> None:
    for version in ("v7", "v8"):
        (tmp_path / version / "aws").mkdir(parents=True)
        (tmp_path / version / "aws" / "vms.csv").write_text("a\n")
    with open_source(tmp_path, suffixes=CSV) as files, pytest.raises(SourceRefused, match="both skypilot:aws"):
        choose_sheets(files, format_=SKYPILOT)


def test_one_provider_cannot_be_named_for_a_whole_folder() -> None:
    with (
        open_source(CATALOGUES / "gpuhunt", suffixes=CSV) as files,
        pytest.raises(SourceRefused, match="3 files cannot all be 'aws'"),
    ):
        choose_sheets(files, format_=GPUHUNT, provider="aws")


def test_a_zip_gives_its_members_with_their_dates(tmp_path: Path) -> None:
    path = tmp_path / "catalog.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(zipfile.ZipInfo("v8/aws/vms.csv", (2026, 2, 3, 0, 0, 0)), "a,b\n")
        archive.writestr("README.md", "no catalogue")
        archive.mkdir("empty.csv")

    with open_source(path, suffixes=CSV) as (file,):
        assert (file.location, file.date, file.size_bytes) == (f"{path}!v8/aws/vms.csv", dt.date(2026, 2, 3), 4)
        assert list(read_lines(file)) == [b"a,b\n"]
        assert choose_sheets([file], format_=SKYPILOT)[0].catalogue == "skypilot:aws"


def test_what_a_system_keeps_beside_the_files_is_passed_over(tmp_path: Path) -> None:
    names = ("list.csv", "__MACOSX/._list.csv", "._list.csv", ".backup/list.csv", "__MACOSX/list.csv")
    packed = _zip(tmp_path / "finder.zip", dict.fromkeys(names, b"a,b\n"))
    folder = tmp_path / ".cache" / "lists"
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"a,b\n")
    for source in (packed, folder):
        with open_source(source, suffixes=CSV) as files:
            assert [file.path.name for file in files] == ["list.csv"]


def test_what_is_no_file_is_refused_unread(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    for path in (Path("/dev/zero"), pipe):
        with pytest.raises(SourceRefused, match="is neither a file nor a folder"), open_source(path, suffixes=CSV):
            pass


def test_a_zip_that_unpacks_to_more_than_is_allowed_is_refused(tmp_path: Path) -> None:
    bomb = _zip(tmp_path / "bomb.zip", {"aws.csv": b"0" * 5_000_000, "gcp.csv": b"0" * 5_000_000})
    assert bomb.stat().st_size < 20_000
    with (
        pytest.raises(SourceRefused, match="unpacked, has more than 3,000,000 bytes"),
        open_source(bomb, suffixes=CSV, max_bytes=8_000_000),
    ):
        pass


def test_a_zip_of_too_many_files_is_refused(tmp_path: Path) -> None:
    many = _zip(tmp_path / "many.zip", {f"{number}.csv": b"" for number in range(1001)})
    with pytest.raises(SourceRefused, match="holds 1001 such files; allowed are 1000"), open_source(many, suffixes=CSV):
        pass


def test_a_broken_zip_is_refused(tmp_path: Path) -> None:
    whole = _zip(tmp_path / "whole.zip", {"aws.csv": b"a,b\n" * 1000}, compression=zipfile.ZIP_STORED)
    data = bytearray(whole.read_bytes())
    data[200] ^= 0xFF
    whole.write_bytes(data)
    with pytest.raises(SourceRefused, match="a zip that cannot be unpacked: Bad CRC"), open_source(whole, suffixes=CSV):
        pass


def test_what_is_not_there_is_empty_or_too_large_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceRefused, match="There is no file or folder"), open_source(tmp_path / "x", suffixes=CSV):
        pass
    with pytest.raises(SourceRefused, match=r"holds no \.csv file"), open_source(tmp_path, suffixes=CSV):
        pass
    (tmp_path / "aws.csv").write_bytes(b"a" * 101)
    for path in (tmp_path, tmp_path / "aws.csv"):
        with (
            pytest.raises(SourceRefused, match="has 101 bytes; allowed are 100"),
            open_source(path, suffixes=CSV, max_bytes=100),
        ):
            pass


def test_a_line_without_an_end_is_read_in_pieces_and_costs_one_line(tmp_path: Path) -> None:
    path = tmp_path / "aws.csv"
    path.write_bytes(b"a,b\n" + b"x" * 1_000_000 + b"\n1,2\n")
    seen: list[int] = []
    with open_source(path, suffixes=CSV) as (file,):
        lines = list(read_lines(file, report=seen.append))
    assert [len(line) for line in lines] == [4, 64 * 1024 + 1, 4]
    assert seen[-1] == path.stat().st_size
