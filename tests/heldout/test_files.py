import asyncio
from pathlib import Path

import pytest

from heldout.files import PIECE_BYTES, OutOfRange, Part, asked_part, pieces, send


async def collected(path: Path, part: Part | None = None) -> list[bytes]:
    return [piece async for piece in pieces(path, part=part)]


def test_a_file_is_sent_whole_in_pieces(tmp_path: Path) -> None:
    file = tmp_path / "given.zip"
    content = bytes(range(256)) * (PIECE_BYTES // 128)
    file.write_bytes(content)
    found = asyncio.run(collected(file))
    assert b"".join(found) == content
    assert [len(piece) for piece in found] == [PIECE_BYTES, PIECE_BYTES]


def test_a_download_has_its_length_and_its_name(tmp_path: Path) -> None:
    file = tmp_path / "blob"
    file.write_bytes(b"1234")
    response = send(file, "application/zip", download_as="first-steps.zip")
    assert response["Content-Length"] == "4"
    assert response["Content-Disposition"] == 'attachment; filename="first-steps.zip"'
    assert "Content-Disposition" not in send(file, "image/png")


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=3-", (3, 10)),
        ("bytes=3-99", (3, 10)),
        ("bytes=-4", (6, 10)),
        ("bytes=-99", (0, 10)),
        ("bytes=5-4", None),
        ("bytes=-", None),
        ("bytes=0-1,3-4", None),
        ("lines=0-1", None),
        ("", None),
    ],
)
def test_the_part_that_a_range_names_is_found(asked: str, part: tuple[int, int] | None) -> None:
    assert asked_part({"Range": asked}, 10, '"tag"') == part


@pytest.mark.parametrize("asked", ["bytes=10-", "bytes=-0"])
def test_bytes_that_a_file_does_not_have_are_out_of_range(asked: str) -> None:
    with pytest.raises(OutOfRange, match="10 bytes"):
        asked_part({"Range": asked}, 10, '"tag"')


def test_a_part_is_sent_in_pieces_too(tmp_path: Path) -> None:
    file = tmp_path / "given.zip"
    content = bytes(range(256)) * (PIECE_BYTES // 64)
    file.write_bytes(content)
    found = asyncio.run(collected(file, Part(10, PIECE_BYTES + 30)))
    assert [len(piece) for piece in found] == [PIECE_BYTES, 20]
    assert b"".join(found) == content[10 : PIECE_BYTES + 30]
