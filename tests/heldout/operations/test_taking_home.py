"""What leaves the site: exports, what a team takes home, certificates; and what never does."""

import asyncio
import csv
import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from heldout.accounts.models import User
from heldout.catalog.models import BundleVersion, Challenge
from heldout.events.models import Event
from heldout.events.rules import Refusal
from heldout.operations import archives, certificates
from heldout.operations.tables import TABLES
from heldout.spreadsheets import to_csv
from heldout.teams.models import Team
from tests.heldout.factories import make_event, make_organizer, make_team, make_user
from tests.heldout.handing_in import PRIVATE, hand_in, make_challenge, member_of, rehearsed, scored

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def challenge() -> Challenge:
    made = make_challenge(make_event("trail", name="Trail"), slug="deep", quota_per_day=50)
    guide = {"coach_guide": "The solution", "hints_json": [{"title": "Begin", "text": "Look."}]}
    BundleVersion.objects.filter(pk=made.bundle_id).update(**guide)
    return made


@pytest.fixture
def team(challenge: Challenge) -> Team:
    return make_team(challenge.event, "Cairn & Co", members=[make_participant(challenge.event)])


def make_participant(event: Event) -> User:
    from tests.heldout.factories import make_participant as made

    return made(event, make_user(name="Zoë Łukasz Ωμέγα"))


def content(response: Any) -> bytes:
    async def whole() -> bytes:
        return b"".join([piece async for piece in response.streaming_content])

    return asyncio.run(whole())


def left_over() -> set[Path]:
    return set(Path(settings.VAR, archives.FOLDER).glob("*.zip"))


def unzipped(file: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_team_takes_home_its_own_things_and_nothing_hidden(challenge: Challenge, team: Team) -> None:
    rival = make_team(challenge.event, "Rivals")
    scored(challenge, team, 0.8, note="mixup, 30 epochs")
    rehearsed(challenge, team, 0.7, note="a try")
    scored(challenge, rival, 0.9, note="our secret")
    files = unzipped(archives.take_home(team))
    names = {name.partition("/")[2] for name in files}
    assert {
        "README.md",
        "notebook.md",
        "challenges/deep/statement.md",
        "challenges/deep/coach-guide.md",
        "challenges/deep/hints.md",
        "submissions/results.json",
        "certificates/cairn-co-zoe-ukasz.pdf",
    } <= names
    own = [name for name in names if name.startswith("submissions/deep-")]
    assert sorted(own) == [
        "submissions/deep-rehearsal-002-model.onnx",
        "submissions/deep-submission-001-model.onnx",
    ]
    book = files[next(name for name in files if name.endswith("notebook.md"))].decode()
    assert "mixup, 30 epochs. **0.8000**" in book and "a try. **0.7000**" in book
    everything = b"\n".join(files.values())
    for secret in (b"our secret", b"Rivals", str(PRIVATE).encode()):
        assert secret not in everything


def test_members_take_it_home_when_the_event_is_over(
    client: Client, challenge: Challenge, team: Team
) -> None:
    pages = ("/events/trail/team/take-home.zip", "/events/trail/team/certificate.pdf")
    client.force_login(member_of(team))
    assert [client.get(page).status_code for page in pages] == [302, 302]
    now = timezone.now()
    Event.objects.update(starts_at=now - timedelta(days=3), ends_at=now)
    before = left_over()
    archive, certificate = (client.get(page) for page in pages)
    assert content(archive).startswith(b"PK")
    assert certificate.content.startswith(b"%PDF")
    assert "Take it home" in client.get("/events/trail/team/").content.decode()
    assert left_over() == before
    client.force_login(make_organizer(challenge.event))
    assert client.get(pages[0]).status_code == 404
    assert content(client.get(f"/events/trail/teams/{team.pk}/take-home.zip")).startswith(b"PK")


def test_a_certificate_knows_latin_greek_and_cyrillic_letters_and_refuses_others(team: Team) -> None:
    for name in ("Zoë Łukasz", "Ωμέγα", "Юлия", "Nguyễn Thị"):
        said = certificates.certificate_of(name, team)
        assert certificates.pdf(said).startswith(b"%PDF")
    with pytest.raises(Refusal, match="Latin, Greek and Cyrillic letters, and not 子 花"):
        certificates.certificate_of("花子", team)


def test_each_table_is_exported_as_csv_and_json(client: Client, challenge: Challenge, team: Team) -> None:
    scored(challenge, team, 0.8, note="=HYPERLINK(0)")
    organizer = make_organizer(challenge.event)
    client.force_login(organizer)
    for table in TABLES:
        rows = json.loads(client.get(f"/events/trail/control/export/{table}.json").content)
        read = list(
            csv.DictReader(
                io.StringIO(client.get(f"/events/trail/control/export/{table}.csv").content.decode())
            )
        )
        assert len(read) == len(rows), table
    [row] = json.loads(client.get("/events/trail/control/export/submissions.json").content)
    assert (row["team"], row["public"], row["private"], row["note"]) == (
        "Cairn & Co",
        0.8,
        PRIVATE,
        "=HYPERLINK(0)",
    )
    assert client.get("/events/trail/control/export/secrets.csv").status_code == 404
    files = unzipped(archives.event_archive(challenge.event))
    assert {f"trail/{table}.{form}" for table in TABLES for form in ("csv", "json")} <= set(files)
    assert challenge.event.secret.encode() not in b"".join(files.values())


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-cmd", "@SUM(A1)", "\t=1"])
def test_a_spreadsheet_takes_no_text_for_a_formula(formula: str) -> None:
    [row] = csv.DictReader(io.StringIO(to_csv(iter([{"note": formula, "score": -0.5}]))))
    assert row == {"note": f"'{formula}", "score": "-0.5"}


def test_another_events_rows_are_in_no_table(challenge: Challenge, team: Team) -> None:
    other = make_challenge(make_event("other"))
    hand_in(other, make_team(other.event, "Strangers"))
    for table, rows in TABLES.items():
        assert "Strangers" not in str(list(rows(challenge.event))), table


def test_archives_that_nobody_fetched_are_removed() -> None:
    left = archives.new_archive()
    left.write_bytes(b"PK")
    archives.remove_old(timezone.now())
    assert left.exists()
    assert archives.remove_old(timezone.now() + timedelta(hours=2)) >= 1
    assert left_over() == set()
