"""What people do by the API is what the pages would have done."""

from typing import Any

import pytest
from django.test import Client

from heldout.accounts.models import Scope
from heldout.catalog.models import SignOff
from heldout.leaderboards.models import BoardRules, Choice, FinalRule
from heldout.notices.models import Announcement
from heldout.submissions.intervention_models import Pause
from heldout.submissions.models import SubmissionState
from heldout.teams.models import Team
from heldout.teams.queries import members
from tests.heldout.api.test_api import problem, signed_in
from tests.heldout.api.test_tokens import bearer
from tests.heldout.factories import make_coach, make_event, make_organizer, make_participant, make_team
from tests.heldout.handing_in import fresh, hand_in, make_challenge, member_of, scored
from tests.heldout.web.scene import CRITERIA

pytestmark = pytest.mark.django_db(transaction=True)


def post(client: Client, url: str, **body: Any) -> Any:
    return client.post(f"/api/v1/events/{url}", body, content_type="application/json")


def test_a_team_is_founded_joined_and_left() -> None:
    event = make_event()
    founder, joiner = make_participant(event), make_participant(event)
    made = post(signed_in(founder), f"{event.slug}/teams", name="Cairn")
    assert (made.status_code, made.json()["places_left"]) == (201, 4)
    joined = post(signed_in(joiner), f"{event.slug}/team/join", code=made.json()["join_code"].lower())
    assert [person["name"] for person in joined.json()["members"]] == [founder.name, joiner.name]
    assert post(signed_in(founder), f"{event.slug}/team/leave").status_code == 204
    assert members(Team.objects.get(name="Cairn")) == [joiner]


def test_a_request_to_join_is_accepted_by_the_team() -> None:
    event = make_event()
    team, lone = make_team(event), make_participant(event)
    asked = post(signed_in(lone), f"{event.slug}/teams/{team.pk}/ask", words="May I?").json()
    member = signed_in(member_of(team))
    [listed] = member.get(f"/api/v1/events/{event.slug}/approaches").json()["items"]
    assert (listed["id"], listed["words"], listed["person"]["name"]) == (asked["id"], "May I?", lone.name)
    assert post(member, f"{event.slug}/approaches/{asked['id']}/accept").status_code == 204
    assert lone in members(team)


def test_a_coach_signs_off_what_was_shown() -> None:
    challenge = make_challenge(criteria=CRITERIA)
    coach = make_coach(challenge.event)
    team = make_team(challenge.event, coach=coach)
    url = f"{challenge.event.slug}/teams/{team.pk}/challenges/{challenge.slug}"
    evidence = [one["text"] for one in CRITERIA if one.get("evidence")]
    first = post(signed_in(coach), f"{url}/sign-off", seen=evidence[:1], note="good").json()
    assert [line["met"] for line in first["lines"]] == [False, False, True, False]
    assert first["signed_off_at"] is None
    done = post(signed_in(coach), f"{url}/sign-off", seen=evidence[1:]).json()
    assert done["signed_off_by"] == coach.name
    assert SignOff.objects.filter(team=team, challenge=challenge).exists()
    assert problem(post(signed_in(coach), f"{url}/sign-off", seen=["made up"]))["status"] == 409


def test_a_question_is_asked_and_answered() -> None:
    event = make_event()
    team, organizer = make_team(event), make_organizer(event)
    asked = post(signed_in(member_of(team)), f"{event.slug}/questions", text="May we?").json()
    assert (asked["team"], asked["answer"]) == (team.name, "")
    post(signed_in(organizer), f"{event.slug}/questions/{asked['id']}/answer", answer="Yes.")
    reader = signed_in(make_participant(event))
    [read] = reader.get(f"/api/v1/events/{event.slug}/questions?answered=true").json()["items"]
    assert (read["answer"], read["team"]) == ("Yes.", "")


def test_announcements_come_piece_by_piece() -> None:
    event = make_event()
    organizer = signed_in(make_organizer(event))
    for title in ("one", "two", "three"):
        assert post(organizer, f"{event.slug}/announcements", title=title).status_code == 201
    reader, url = signed_in(make_participant(event)), f"/api/v1/events/{event.slug}/announcements"
    first = reader.get(url, {"limit": 2}).json()
    last = reader.get(url, {"limit": 2, "cursor": first["next"]}).json()
    assert [one["title"] for one in first["items"] + last["items"]] == ["three", "two", "one"]
    assert last["next"] is None


def test_text_that_no_database_keeps_is_refused() -> None:
    event = make_event()
    organizer = signed_in(make_organizer(event))
    for title in ("nul \x00", "half \ud800"):
        assert problem(post(organizer, f"{event.slug}/announcements", title=title))["status"] == 422
    assert not Announcement.objects.exists()


def test_a_submission_gets_another_note_is_taken_back_and_chosen() -> None:
    challenge = make_challenge()
    team = make_team(challenge.event)
    BoardRules.objects.create(event=challenge.event, final=FinalRule.CHOSEN)
    client, new, done = signed_in(member_of(team)), hand_in(challenge, team), scored(challenge, team)
    url = f"/api/v1/events/{challenge.event.slug}/submissions"
    noted = client.patch(f"{url}/{new.pk}", {"note": "wider"}, content_type="application/json")
    assert noted.json()["note"] == "wider"
    assert client.post(f"{url}/{new.pk}/cancel").json()["state"] == "cancelled"
    assert fresh(new).state == SubmissionState.CANCELLED
    assert client.post(f"{url}/{done.pk}/choose").status_code == 200
    assert Choice.objects.get().submission == done
    assert client.post(f"{url}/{done.pk}/unchoose").status_code == 200
    assert not Choice.objects.exists()


def test_an_organizer_runs_the_event() -> None:
    challenge = make_challenge()
    slug, client = challenge.event.slug, signed_in(make_organizer(challenge.event))
    paused = post(client, f"{slug}/pauses", scope="hand_in", challenge=challenge.slug, reason="lunch").json()
    room = client.get(f"/api/v1/events/{slug}/control").json()
    assert [pause["reason"] for pause in room["pauses"]] == ["lunch"]
    assert client.delete(f"/api/v1/events/{slug}/pauses/{paused['id']}").status_code == 204
    assert not Pause.objects.exists()
    assert post(client, f"{slug}/challenges/{challenge.slug}/close").json()["state"] == "closed"
    assert post(client, f"{slug}/board/freeze").json()["frozen"]
    assert post(client, f"{slug}/board/publish").json()["published_at"]
    assert problem(post(client, f"{slug}/board/unfreeze"))["title"] == "The final boards are published."


def test_each_kind_of_change_asks_for_its_scope() -> None:
    event = make_event()
    person = make_participant(event)
    url = f"/api/v1/events/{event.slug}/teams"
    lacking, having = bearer(person, Scope.READ, Scope.SUBMIT), bearer(person, Scope.TEAM)
    refused = Client().post(url, {"name": "Cairn"}, content_type="application/json", headers=lacking)
    assert "lacks the scope `team`" in problem(refused)["detail"]
    made = Client().post(url, {"name": "Cairn"}, content_type="application/json", headers=having)
    assert made.status_code == 201
