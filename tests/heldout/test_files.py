import asyncio
from pathlib import Path

from heldout.files import PIECE_BYTES, pieces, send


async def collected(path: Path) -> list[bytes]:
    return [piece async for piece in pieces(path)]


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
