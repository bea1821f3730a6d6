"""What a failed run printed on hidden data, and who may read it."""

import pytest

from heldout.events import actions as events
from heldout.submissions import actions
from heldout.submissions.models import Submission
from heldout.submissions.queries import submission_row
from tests.heldout.factories import make_user
from tests.heldout.handing_in import evaluation_for, put_to_work, verdict

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("shows", "shown"), [(True, "row 7: 0.25 0.5"), (False, "")])
def test_the_organizers_decide_whether_a_team_reads_what_its_model_printed(
    submission: Submission, shows: bool, shown: str
) -> None:
    event = submission.challenge.event
    events.change_event(event, actor=make_user(), shows_excerpts=shows)
    said = verdict("crashed").model_copy(update={"excerpt": "row 7: 0.25 0.5"})
    put_to_work(submission)
    actions.record_evaluation(evaluation_for(submission, verdict=said, scores=[]))
    row = submission_row(Submission.objects.get(pk=submission.pk))
    assert row.verdict is not None
    assert row.verdict.excerpt == shown
    assert row.verdict.found == said.found
