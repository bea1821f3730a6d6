"""The insight section: tables and pictures made of what the engine found."""

from typing import Any

import pytest
from django.urls import reverse

from challenges.task import Task
from heldout.submissions.models import Submission
from heldout.web.breakdown import costs
from heldout.web.insight import LARGEST_MATRIX, Lessons, lessons
from scoring.learned import AtSize, Breakdown, Case, Insight, Slice
from tests.heldout.handing_in import PICTURE, PRIVATE, breakdown, insight, scored
from tests.heldout.pages import inline_code, words
from tests.heldout.web.conftest import client_of
from tests.heldout.web.scene import Scene

IMAGES = {"type": "image", "channels": 1, "height": 8, "width": 8}


def shown(found: Insight, **task: Any) -> Lessons:
    given = {"kind": "classification", "metric": "accuracy", "classes": ["hat", "boot"], "input": IMAGES}
    made = lessons(found, Task.model_validate(given | task))
    assert made is not None
    return made


def test_a_small_matrix_is_shaded_by_the_share_of_its_row() -> None:
    matrix = shown(insight()).matrix
    assert [name for name, _ in matrix] == ["hat", "boot"]
    assert [[(c.count, c.shade, c.right) for c in cells] for _, cells in matrix] == [
        [(27, 5, True), (3, 1, False)],
        [(5, 2, False), (15, 4, True)],
    ]


def test_a_class_that_never_occurs_has_a_row_without_shade() -> None:
    [_, (_, cells)] = shown(insight(confusion=[[4, 0], [0, 0]])).matrix
    assert [cell.shade for cell in cells] == [0, 0]


def test_of_many_classes_the_commonest_mix_ups_are_named() -> None:
    names = [f"c{number}" for number in range(LARGEST_MATRIX + 1)]
    confusion = [[6 * (row == column) for column in range(len(names))] for row in range(len(names))]
    confusion[2][5], confusion[7][1] = 3, 6
    made = shown(insight(confusion=confusion), classes=names)
    assert made.matrix == []
    assert [(m.truth, m.predicted, m.count, m.share) for m in made.mix_ups] == [
        ("c7", "c1", 6, 0.5),
        ("c2", "c5", 3, 1 / 3),
    ]


def test_an_error_is_said_without_its_sign() -> None:
    found = Insight(
        slices=[
            Slice(name="age: youngest", count=9, value=-2.5),
            Slice(name="age: oldest", count=9, value=-12.5),
        ],
        mistakes=[Case(id="a", truth="70", predicted="91", value=-21.0)],
    )
    made = shown(found, kind="regression", metric="mae", classes=[])
    assert made.outcome == "Mean error"
    assert [(row.name, [(p.words, p.value, p.weakest) for p in row.parts]) for row in made.slices] == [
        ("age", [("youngest", 2.5, False), ("oldest", 12.5, True)])
    ]
    assert made.mistakes[0].value == 21.0


def test_nothing_found_is_nothing_shown() -> None:
    task = Task.model_validate({"kind": "regression", "metric": "mae", "input": IMAGES})
    assert lessons(None, task) is None
    assert lessons(Insight(), task) is None


@pytest.mark.django_db
def test_the_page_shows_mistakes_suspects_slices_and_classes(scene: Scene) -> None:
    response = client_of(scene, "participant").get(scene.pages()["scored submission"])
    page = words(response)
    for said in (
        "Truth hat Predicted boot 97 %",
        "Labels that may be wrong",
        "True classes in rows, predicted ones in columns",
        "hat 27 3 boot 5 15",
        "brightness 0.71 weakest, darkest 17 0.93 brightest 16",
        "boot 20 0.75 \u2014",
        "By class on the public split",
        "0.88",
    ):
        assert said in page
    assert response.content.decode().count(f"data:image/png;base64,{PICTURE}") == 8
    assert "img-src 'self' data:" in response["Content-Security-Policy"]
    assert (f"{PRIVATE:.2f}" in page, "private split" in page) == (False, False)


@pytest.mark.django_db
def test_boxes_neighbours_and_changed_labels_are_said_in_words_too(scene: Scene) -> None:
    response = client_of(scene, "participant").get(scene.pages()["scored submission"])
    page = words(response)
    for said in (
        "Truth, solid blue",
        "Prediction, dashed orange",
        "hat taken for boot, IoU 0.71, 97 % sure",
        "wrong identity 8 0.91 right identity 7 0.87",
        "Its own identity first at place 2",
        "Given another label 2 Dropped 1",
        "hat → to boot t1",
        "boot → to dropped t2",
    ):
        assert said in page
    assert response.content.decode().count("data-layer=") == 2


@pytest.mark.django_db
def test_the_page_says_where_the_cost_lies_and_what_other_resolutions_cost(scene: Scene) -> None:
    response = client_of(scene, "participant").get(scene.pages()["scored submission"])
    page = words(response)
    for said in (
        "Conv <b>first</b> 3 600 80 100 %",
        "STFT 1 — 0 ?",
        "Some products cannot be counted",
        "8 \u00d7 8 now 640 1\u00d7",
        "16 \u00d7 16 2.6 k 4\u00d7",
    ):
        assert said in page
    assert "<b>first" not in response.content.decode()


@pytest.mark.django_db
def test_a_scored_run_without_insight_says_why(scene: Scene) -> None:
    submission = scored(scene.open, scene.team, 0.5)
    page = client_of(scene, "participant").get(reverse("submission", args=[scene.event.slug, submission.pk]))
    assert "this run told nothing of the validation split" in words(page)
    Submission.objects.filter(pk=submission.pk).update(format="predictions")
    page = client_of(scene, "participant").get(reverse("submission", args=[scene.event.slug, submission.pk]))
    assert "the file has no predictions for the validation split" in words(page)


def test_a_cost_that_is_the_same_at_every_resolution_is_said_to_be() -> None:
    sizes = [AtSize(height=side, width=side, macs=7) for side in (4, 8)]
    found = costs(breakdown().model_copy(update={"sizes": sizes}), [8, 8])
    assert found is not None
    assert found.same
    assert [size.ratio for size in found.sizes] == [1.0, 1.0]


def test_a_model_without_products_has_bars_of_no_length() -> None:
    part = breakdown().kinds[0].model_copy(update={"macs": 0})
    found = costs(Breakdown(kinds=[part]), None)
    assert found is not None
    assert [(row.width, row.share_text) for row in found.kinds] == [("0.0", "0 %")]
    assert costs(None, [8, 8]) is None


@pytest.mark.django_db
def test_organizers_see_the_private_split_too(scene: Scene) -> None:
    page = words(client_of(scene, "organizer").get(scene.pages()["scored submission"]))
    assert "By class on the private split" in page
    assert f"{PRIVATE:.2f}" in page


@pytest.mark.django_db
def test_a_run_without_insight_has_no_such_section(scene: Scene) -> None:
    page = words(client_of(scene, "participant").get(scene.pages()["rejected submission"]))
    assert "Look at the mistakes" not in page


@pytest.mark.django_db
def test_what_a_file_printed_is_text(scene: Scene) -> None:
    response = client_of(scene, "participant").get(scene.pages()["rehearsed submission"])
    assert "epoch 1 </pre><script>alert(1)</script>" in words_of_log(response)
    assert inline_code(response) == []


def words_of_log(response: Any) -> str:
    """The log as a reader sees it: its markup is text."""
    body = response.content.decode()
    log: str = body[body.index('<pre class="log"') :].partition(">")[2].partition("</pre>")[0]
    return log.replace("&lt;", "<").replace("&gt;", ">")
