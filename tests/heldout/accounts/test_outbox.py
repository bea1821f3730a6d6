from pathlib import Path

import pytest
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from pytest_django import Settings

from heldout.accounts.outbox import OutboxBackend, newest_mails
from tests.heldout.pages import words


@pytest.fixture
def outbox(settings: Settings, tmp_path: Path) -> Path:
    settings.OUTBOX = tmp_path / "outbox"
    return tmp_path / "outbox"


def send(*subjects: str) -> None:
    letters = [
        EmailMultiAlternatives(subject, "Open http://127.0.0.1:8000/x/ → see?", "from@x.org", ["ada@x.org"])
        for subject in subjects
    ]
    for letter in letters:
        letter.attach_alternative("<b>html</b>", "text/html")
    assert OutboxBackend().send_messages(letters) == len(letters)


def test_each_mail_is_a_file_and_a_line(outbox: Path, capsys: pytest.CaptureFixture[str]) -> None:
    send("First", "Second")
    assert len(list(outbox.glob("*.eml"))) == 2
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("mail to ada@x.org: First")
    assert second.startswith("mail to ada@x.org: Second")


def test_mails_are_read_back_the_newest_first(outbox: Path) -> None:
    send("First", "Zweite → Nachricht")
    newest, oldest = newest_mails()
    assert (newest.subject, oldest.subject) == ("Zweite → Nachricht", "First")
    assert newest.to == "ada@x.org"
    assert newest.text.strip() == "Open http://127.0.0.1:8000/x/ → see?"


def test_an_outbox_that_nothing_was_sent_to_is_empty(outbox: Path) -> None:
    assert newest_mails() == []


@pytest.mark.django_db
def test_the_page_shows_mails_with_links_that_can_be_clicked(
    client: Client, outbox: Path, settings: Settings
) -> None:
    settings.DEMO = True
    assert "No mail yet" in words(client.get("/outbox/"))
    send("<i>First</i>")
    response = client.get("/outbox/")
    assert (
        "<i>First</i>" in words(response).replace("&lt;", "<")
        or "&lt;i&gt;First" in response.content.decode()
    )
    assert 'href="http://127.0.0.1:8000/x/"' in response.content.decode()


@pytest.mark.django_db
def test_outside_the_demo_there_is_no_outbox(client: Client, outbox: Path) -> None:
    send("Secret")
    assert client.get("/outbox/").status_code == 404
