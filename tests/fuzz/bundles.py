"""What reads a bundle: its zip, its manifest and its statement."""

from pathlib import Path

from challenges import archive, bundle
from challenges.faults import BundleError
from tests.fuzz.files import file, folder


def unpacking(data: bytes) -> None:
    """A bundle's zip: whole and inside of its folder, or not at all."""
    with folder() as place, file(data) as path:
        target = place / "parent" / "bundle"
        try:
            archive.unpack(path, target)
        except BundleError as error:
            _said(error)
            assert not target.exists()
        else:
            _checked(target)
        assert [entry.name for entry in place.iterdir()] in ([], ["parent"])
        left = list((place / "parent").iterdir()) if (place / "parent").exists() else []
        assert left in ([], [target])


def _said(error: BundleError) -> None:
    assert error.faults
    assert all(fault.found and fault.expected for fault in error.faults)


def _checked(target: Path) -> None:
    size = sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
    assert size <= archive.LARGEST_BUNDLE
    for path in target.rglob("*"):
        assert not path.is_symlink() and (path.is_dir() or path.is_file())
    bundle.check(target)


def manifests(data: bytes) -> None:
    """A `challenge.toml`, with a statement of the same bytes beside it."""
    with folder() as place:
        (place / "challenge.toml").write_bytes(data)
        (place / "statement.md").write_bytes(data)
        (place / "data.py").write_bytes(data)
        (place / "starter").mkdir()
        faults = bundle.check(place)
        assert faults and all(fault.found and fault.expected for fault in faults)
        try:
            bundle.read(place)
        except BundleError as error:
            _said(error)
