"""The team's lab notebook: notes with what they gave, kept by the team, read by its coach and organizers."""

import csv
import io

import pytest
from django.test import Client

from heldout.audit.models import AuditEntry
from heldout.catalog.models import Challenge
from heldout.events.rules import Refusal
from heldout.submissions import notebook
from heldout.teams.models import Team
from tests.heldout.factories import make_event, make_team
from tests.heldout.handing_in import make_challenge, member_of, rehearsed, scored

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def challenge() -> Challenge:
    return make_challenge(make_event("trail"), title="Into the deep", quota_per_day=50)


@pytest.fixture
def team(challenge: Challenge) -> Team:
    return make_team(challenge.event, "Cairn")


def changes(team: Team) -> list[tuple[str, float | None]]:
    return [
        (entry.row.note, None if entry.change is None else round(entry.change, 4))
        for entry in reversed(notebook.entries(team))
    ]


def test_each_score_is_compared_with_the_teams_best_before_it(challenge: Challenge, team: Team) -> None:
    for note, value in (("first", 0.6), ("wider", 0.8), ("deeper", 0.7)):
        scored(challenge, team, value, note=note)
    rehearsed(challenge, team, 0.9, note="a try")
    scored(challenge, team, 0.85, note="mixup")
    assert changes(team) == [
        ("first", None),
        ("wider", 0.2),
        ("deeper", -0.1),
        ("a try", None),
        ("mixup", 0.05),
    ]


def test_where_lower_is_better_a_lower_score_is_a_gain(team: Team) -> None:
    task = {"kind": "regression", "metric": "mae", "input": {"type": "table", "features": ["a"]}}
    errors = make_challenge(team.event, task=task, quota_per_day=50)
    scored(errors, team, 3.0, note="first")
    scored(errors, team, 2.0, note="better")
    assert changes(team) == [("first", None), ("better", 1.0)]


def test_notes_of_all_challenges_are_together_and_of_one_alone(challenge: Challenge, team: Team) -> None:
    other = make_challenge(team.event)
    scored(challenge, team, note="deep")
    scored(other, team, note="other")
    assert [entry.row.note for entry in notebook.entries(team)] == ["other", "deep"]
    assert [entry.row.note for entry in notebook.entries(team, challenge)] == ["deep"]


def test_members_say_it_better_afterwards_and_nobody_else(
    client: Client, challenge: Challenge, team: Team
) -> None:
    submission = scored(challenge, team, note="mixpu")
    with pytest.raises(Refusal, match="not in this team"):
        notebook.change_note(submission, "x", member_of(make_team(team.event)))
    client.force_login(member_of(team))
    client.post(f"/events/trail/submissions/{submission.pk}/note/", {"note": "mixup\x00 <b>" + "x" * 400})
    submission.refresh_from_db()
    assert submission.note.startswith("mixup <b>x") and len(submission.note) == 300
    page = client.get(f"/events/trail/teams/{team.pk}/notebook/").content.decode()
    assert "mixup &lt;b&gt;" in page
    entry = AuditEntry.objects.get(action="submission.note")
    assert (entry.before, entry.actor) == ({"note": "mixpu"}, member_of(team))


def test_the_table_is_harmless_in_a_spreadsheet(client: Client, challenge: Challenge, team: Team) -> None:
    scored(challenge, team, 0.8, note="=1+1")
    client.force_login(member_of(team))
    text = client.get(f"/events/trail/teams/{team.pk}/notebook.csv").content.decode()
    [row] = csv.DictReader(io.StringIO(text))
    assert (row["note"], row["score"], row["state"]) == ("'=1+1", "0.80", "scored")


def test_an_empty_notebook_says_what_will_be_in_it(client: Client, team: Team) -> None:
    client.force_login(member_of(team))
    page = client.get(f"/events/trail/teams/{team.pk}/notebook/").content.decode()
    assert "Nothing yet" in page
