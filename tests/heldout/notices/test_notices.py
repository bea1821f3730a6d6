"""Announcements, questions and the bell: who is told what, at once, and who is not."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from heldout.accounts.models import User
from heldout.audit.models import AuditEntry
from heldout.broadcast import CHANNEL
from heldout.catalog.models import Challenge
from heldout.catalog.passing import sign_off
from heldout.events.models import Event
from heldout.events.rules import Refusal
from heldout.notices import actions, queries
from heldout.notices.models import Audience, Inquiry
from heldout.teams.models import Team
from tests.heldout.broker import link
from tests.heldout.factories import make_coach, make_event, make_organizer, make_participant, make_team
from tests.heldout.handing_in import make_challenge, member_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def event() -> Event:
    return make_event("trail")


@pytest.fixture
def organizer(event: Event) -> User:
    return make_organizer(event)


@pytest.fixture
def team(event: Event) -> Team:
    return make_team(event, "Cairn", coach=make_coach(event))


def coach_of(team: Team) -> User:
    assert team.coach
    return team.coach


def titles(event: Event, user: User) -> list[str]:
    return [one.title for one in queries.announcements_for(event, user)]


def test_an_announcement_reaches_those_that_it_is_for(event: Event, organizer: User, team: Team) -> None:
    for audience in Audience:
        actions.announce(event, organizer, title=audience.value, audience=audience)
    assert titles(event, member_of(team)) == ["participants", "all"]
    assert titles(event, coach_of(team)) == ["coaches", "all"]
    assert titles(event, organizer) == ["coaches", "participants", "all"]


def test_pinned_ones_are_on_top_and_withdrawn_ones_are_gone(
    event: Event, organizer: User, team: Team
) -> None:
    first = actions.announce(event, organizer, title="first", pinned=True)
    actions.announce(event, organizer, title="second")
    assert titles(event, member_of(team)) == ["first", "second"]
    actions.withdraw(first, organizer)
    assert titles(event, member_of(team)) == ["second"]
    with pytest.raises(Refusal, match="withdrawn already"):
        actions.withdraw(first, organizer)
    done = AuditEntry.objects.filter(target_id=first.pk, target_type="notices.announcement")
    assert {entry.action for entry in done} == {"announced", "announcement.withdrawn"}


def test_an_edited_one_says_so(client: Client, event: Event, organizer: User) -> None:
    made = actions.announce(event, organizer, title="Lunch at 12")
    client.force_login(organizer)
    form = {"title": "Lunch at 13", "body": "", "audience": "all"}
    client.post(f"/events/trail/notices/{made.pk}/", form)
    page = client.get("/events/trail/notices/").content.decode()
    assert "Lunch at 13" in page and "edited" in page


def test_by_mail_each_person_of_the_audience_gets_one(
    event: Event, organizer: User, team: Team, mailoutbox: list[Any]
) -> None:
    body = "Come to the **hall**.\n\n<script>alert(1)</script>"
    actions.announce(
        event,
        organizer,
        title="Opening\nBcc: all@example.org",
        body=body,
        audience=Audience.PARTICIPANTS,
        by_mail=True,
    )
    [mail] = mailoutbox
    assert mail.to == [member_of(team).email]
    assert mail.subject == "Trail: Opening Bcc: all@example.org"
    html = mail.alternatives[0][0]
    assert "<strong>hall</strong>" in html and "<script>" not in html


def test_open_pages_hear_of_an_announcement_within_the_second(event: Event, organizer: User) -> None:
    broker: Any = link()
    with broker.pubsub(ignore_subscribe_messages=True) as channel:
        channel.subscribe(CHANNEL)
        channel.get_message(timeout=5)
        actions.announce(event, organizer, title="Lunch")
        message = channel.get_message(timeout=1)
    assert json.loads(message["data"])["topic"] == "notice"


def test_the_bell_rings_for_what_is_new_until_it_is_read(
    client: Client, event: Event, organizer: User, team: Team
) -> None:
    member = member_of(team)
    actions.announce(event, organizer, title="Lunch <now>")
    client.force_login(member)
    assert "Lunch &lt;now&gt;" in client.get("/events/trail/notices/bell/").content.decode()
    assert queries.bell(event, member).number == 1
    assert queries.bell(event, organizer).number == 0
    assert 'class="pill good">new' in client.get("/events/trail/notices/").content.decode()
    assert client.get("/events/trail/notices/bell/").content.decode().strip() == ""


def ask(
    team: Team, text: str = "May we?", challenge: Challenge | None = None, *, is_public: bool = True
) -> Inquiry:
    return actions.inquire(team.event, team, member_of(team), text, challenge=challenge, is_public=is_public)


def read(event: Event, user: User) -> dict[str, str]:
    return {row.inquiry.text: row.asker for row in queries.inquiries_for(event, user)}


def test_a_public_question_is_read_by_all_without_the_teams_name(
    event: Event, organizer: User, team: Team
) -> None:
    rival = make_team(event, "Rivals")
    ask(team, "public")
    ask(team, "private", is_public=False)
    assert read(event, member_of(rival)) == {"public": ""}
    assert read(event, make_coach(event)) == {"public": ""}
    for insider in (member_of(team), coach_of(team), organizer):
        assert read(event, insider) == {"public": "Cairn", "private": "Cairn"}


def test_a_question_on_a_challenge_that_is_closed_to_the_reader_is_not_there(
    event: Event, organizer: User, team: Team
) -> None:
    locked = make_challenge(event, opened=False)
    ask(team, "about the hidden one", locked)
    assert read(event, make_participant(event)) == {}
    assert list(read(event, organizer)) == ["about the hidden one"]


def test_organizers_and_coaches_answer_and_the_team_is_told(
    event: Event, organizer: User, team: Team
) -> None:
    public, private = ask(team, "public"), ask(team, "private", is_public=False)
    another = make_coach(event)
    with pytest.raises(Refusal, match="may not answer"):
        actions.answer(public, "Yes", member_of(team))
    with pytest.raises(Refusal, match="may not answer"):
        actions.answer(private, "Yes", another)
    actions.answer(public, "Yes, you may", another)
    actions.answer(private, "No", coach_of(team))
    told = [notice.text for notice in queries.notices(event, member_of(team))]
    assert told == ["Answered: private", "Answered: public"]
    assert queries.open_inquiries(event) == 0
    assert len(queries.inquiries_for(event, organizer, answered=True)) == 2


def test_an_organizer_shows_a_private_question_to_all(event: Event, organizer: User, team: Team) -> None:
    private = ask(team, "private", is_public=False)
    with pytest.raises(Refusal, match="Only organizers"):
        actions.set_public(private, True, coach_of(team))
    actions.set_public(private, True, organizer)
    assert read(event, make_participant(event)) == {"private": ""}


def test_a_team_has_ten_open_questions_at_most(event: Event, team: Team) -> None:
    for number in range(10):
        ask(team, f"question {number}")
    with pytest.raises(Refusal, match="10 of your questions wait"):
        ask(team)


def test_a_sign_off_is_among_the_notices_of_the_team(event: Event, team: Team) -> None:
    challenge = make_challenge(event, title="Into the deep")
    sign_off(challenge, team, coach_of(team), seen=[])
    assert [one.text for one in queries.notices(event, member_of(team))] == ["Signed off: Into the deep"]
    assert queries.notices(event, member_of(make_team(event))) == []


def test_the_pages_ask_answer_and_clean(client: Client, event: Event, organizer: User, team: Team) -> None:
    client.force_login(member_of(team))
    empty = client.post("/events/trail/questions/", {"text": ""})
    assert empty.status_code == 422
    client.post("/events/trail/questions/", {"text": "<img src=x>?", "is_public": "on"})
    question = Inquiry.objects.get()
    assert "&lt;img src=x&gt;?" in client.get("/events/trail/questions/").content.decode()
    client.force_login(organizer)
    client.post(f"/events/trail/questions/{question.pk}/answer/", {"answer": "It is **fine**"})
    page = client.get("/events/trail/questions/?show=answered").content.decode()
    assert "It is **fine**" in page
    assert "No questions like that" in client.get("/events/trail/questions/?show=open").content.decode()
    actions.announce(event, organizer, title="x", body="[a](javascript:alert(1))")
    assert 'href="javascript' not in client.get("/events/trail/notices/").content.decode()


def test_whoever_is_in_no_team_is_told_how_to_ask(client: Client, event: Event) -> None:
    client.force_login(make_participant(event))
    answer = client.post("/events/trail/questions/", {"text": "Hello?"})
    assert answer.status_code == 422
    assert "Join a team, then ask for it." in answer.content.decode()


def test_pages_take_as_many_queries_for_much_as_for_little(
    client: Client, event: Event, organizer: User, team: Team
) -> None:
    client.force_login(member_of(team))

    def fill(number: int) -> None:
        for _ in range(number):
            actions.announce(event, organizer, title="Lunch")
            actions.answer(ask(team), "Yes", organizer)

    def counts() -> list[int]:
        found = []
        for page in ("notices/", "notices/bell/", "questions/"):
            with CaptureQueriesContext(connection) as queries_of_page:
                client.get(f"/events/trail/{page}")
            found.append(len(queries_of_page))
        return found

    fill(1)
    counts()
    few = counts()
    fill(7)
    assert counts() == few
