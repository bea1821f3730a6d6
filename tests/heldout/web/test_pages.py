"""What the pages say."""

import pytest
from django.test import Client
from django.urls import reverse

from heldout.events.models import RoleName
from tests.heldout.factories import make_event, make_organizer, make_participant, make_superuser, make_user
from tests.heldout.handing_in import PRIVATE
from tests.heldout.pages import words
from tests.heldout.web.conftest import client_of
from tests.heldout.web.scene import Scene


def test_a_stranger_lands_on_a_page_that_says_what_this_is(scene: Scene) -> None:
    page = words(client_of(scene, "anonymous").get(reverse("home")))
    assert "data nobody has seen" in page
    assert scene.event.name not in page


def test_whoever_is_in_one_event_goes_straight_to_it(scene: Scene) -> None:
    response = client_of(scene, "participant").get(reverse("home"))
    assert response["Location"] == reverse("event_home", args=[scene.event.slug])


def test_whoever_is_in_no_event_reads_how_to_get_into_one(scene: Scene) -> None:
    page = words(client_of(scene, "outsider").get(reverse("home")))
    assert "You are in no event" in page
    assert "Create an event" not in page


def test_whoever_organizes_may_create_another_event(scene: Scene) -> None:
    make_organizer(make_event(name="Winter School"), scene.people["organizer"])
    page = words(client_of(scene, "organizer").get(reverse("home")))
    assert "Winter School" in page
    assert "Create an event" in page


def test_an_event_shows_what_is_open_what_comes_and_how_far_the_team_is(scene: Scene) -> None:
    page = words(client_of(scene, "participant").get(scene.pages()["event"]))
    assert "Into the deep" in page
    assert "The wild opens later" in page
    assert "1 of 4 challenges passed" in page
    assert "0.90 passed" in page


def test_a_participant_without_a_team_is_called_to_one(scene: Scene) -> None:
    assert "Make or join a team" in words(client_of(scene, "lone").get(scene.pages()["event"]))
    assert "Make or join a team" in words(client_of(scene, "lone").get(scene.pages()["challenge"]))


def test_an_event_without_challenges_says_so(db: None) -> None:
    event = make_event()
    for role, expected in (
        (make_participant, "one after another"),
        (make_organizer, "Go to the control room"),
    ):
        browser = Client()
        browser.force_login(role(event))
        assert expected in words(browser.get(reverse("event_home", args=[event.slug])))


def test_a_challenge_says_what_to_hand_in_and_how_many_tries_are_left(scene: Scene) -> None:
    page = words(client_of(scene, "participant").get(scene.pages()["challenge"]))
    assert "Pass at 0.80" in page
    assert "Tries left 16 of 20" in page
    assert ".onnx, at most 1 MB" in page
    assert "float32 [n × 1 × 8 × 8]" in page  # noqa: RUF001


def test_a_coach_sees_how_the_own_teams_fare_and_no_other(scene: Scene) -> None:
    page = client_of(scene, "coach").get(scene.pages()["challenge"]).content.decode()
    beside = page[page.index('id="coached"') : page.index("</section>", page.index('id="coached"'))]
    assert "Cairn" in beside
    assert scene.submissions["new"].label in beside
    assert "Blue Tarp" not in beside


def test_who_no_longer_coaches_sees_nothing_of_the_team(scene: Scene) -> None:
    scene.people["coach"].roles.update(name=RoleName.PARTICIPANT)
    assert "Your teams" not in words(client_of(scene, "coach").get(scene.pages()["challenge"]))


def test_a_closed_challenge_takes_nothing(scene: Scene) -> None:
    page = client_of(scene, "participant").get(scene.pages()["closed challenge"])
    assert "This challenge is closed" in words(page)
    assert "data-upload" not in page.content.decode()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("scored", ["0.90", "passes", "Logistic regression", "validation split"]),
        ("rejected", ["The model failed while it ran", "Run it on the validation split first", "no try"]),
        ("failed", ["Something of ours broke", "our fault, not yours"]),
        ("cancelled", ["cancelled before it was scored"]),
        ("running", ["Predict", "62 %"]),
        ("queued", ["Queue next"]),
        ("new", ["Inspect", "reads the file without running it"]),
    ],
)
def test_a_submission_tells_what_becomes_of_it(scene: Scene, name: str, expected: list[str]) -> None:
    page = words(client_of(scene, "participant").get(scene.pages()[f"{name} submission"]))
    assert [text for text in expected if text not in page] == []


def test_what_a_model_printed_is_shown_and_never_run(scene: Scene) -> None:
    page = client_of(scene, "participant").get(scene.pages()["rejected submission"]).content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    assert "<script>alert" not in page
    assert "<img src=x" not in page


@pytest.mark.parametrize("role", ["participant", "rival", "coach", "lone"])
def test_no_page_shows_a_score_on_the_private_split(scene: Scene, role: str) -> None:
    client = client_of(scene, role)
    for name, address in scene.pages().items():
        assert f"{PRIVATE:.2f}" not in words(client.get(address)), name


def test_a_board_draws_teams_and_baselines_and_marks_the_reader(scene: Scene) -> None:
    response = client_of(scene, "participant").get(scene.pages()["board"])
    page = words(response)
    assert page.index("Cairn you") < page.index("Blue Tarp") < page.index("Logistic regression")
    assert 'aria-label="0.90, 95 % interval 0.88 to 0.92, pass line 0.80"' in response.content.decode()


def test_a_board_without_scores_says_so(scene: Scene) -> None:
    address = reverse("board", args=[scene.event.slug, scene.closed.slug])
    assert "Nobody has a score yet" in words(client_of(scene, "participant").get(address))


def test_the_control_room_shows_which_check_failed(scene: Scene) -> None:
    page = words(client_of(scene, "organizer").get(scene.pages()["control"]))
    assert "self-test red" in page
    assert "1 of 2 checks passed" in page
    assert "0.97 at most 0.6" in page


def test_a_user_who_runs_the_site_sees_every_event(db: None) -> None:
    browser = Client()
    make_event(name="First")
    make_event(name="Second")
    browser.force_login(make_superuser())
    page = words(browser.get(reverse("home")))
    assert "First" in page
    assert "Second" in page


def test_names_of_people_are_never_markup(scene: Scene) -> None:
    user = make_participant(scene.event, make_user(name="<b>Bold</b>"))
    browser = Client()
    browser.force_login(user)
    page = browser.get(scene.pages()["event"]).content.decode()
    assert "&lt;b&gt;Bold" in page
    assert "<b>Bold" not in page
