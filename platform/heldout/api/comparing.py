"""Two submissions side by side, as JSON."""

from uuid import UUID

from django.http import Http404, HttpRequest
from ninja import Router, Schema

from heldout.api.auth import READ
from heldout.events.access import find_event
from heldout.events.models import Event
from heldout.leaderboards.contrasts import Contrast
from heldout.leaderboards.side_by_side import SideBySide, side_by_side
from heldout.submissions.models import Submission
from heldout.submissions.queries import submission_or_none

router = Router(auth=READ, tags=["submissions"])


class ScorePairOut(Schema):
    """The scores of both on a split, rounded to what the wider interval supports."""

    split: str
    first: float
    second: float
    difference: float
    """The first one's score less the second's."""
    low: float | None
    high: float | None
    """Its 95 % interval by the paired bootstrap, where the metric is a mean over examples."""
    better: str | None
    """`first` or `second`; null where the difference may be luck."""


class ExamplesOut(Schema):
    """The validation examples one by one; outcomes are higher where better."""

    count: int
    first_better: int
    second_better: int
    same: int
    difference: float
    low: float
    high: float
    better: str | None


class ContrastOut(Schema):
    """A validation example that one of the two answered better."""

    id: str
    truth: str
    first: float
    second: float
    first_said: str
    second_said: str

    @classmethod
    def of(cls, found: Contrast) -> "ContrastOut":
        """An example as the API says it."""
        return cls.model_validate(vars(found) | {"id": found.case.id, "truth": found.case.truth})


class ClassPairOut(Schema):
    """A class with the score of both on the validation split."""

    name: str
    count: int
    first: float | None
    second: float | None


class CostPairOut(Schema):
    """A measure of cost, by its name in a submission's `cost`."""

    name: str
    first: float | None
    second: float | None


class SideBySideOut(Schema):
    """Two submissions compared. `gains` are examples that the first answered better, `losses` the others."""

    first: UUID
    second: UUID
    scores: list[ScorePairOut]
    examples: ExamplesOut | None
    gains: list[ContrastOut]
    losses: list[ContrastOut]
    class_metric: str
    classes: list[ClassPairOut]
    costs: list[CostPairOut]
    same_data: bool
    """Whether both were scored on one version of the challenge."""

    @classmethod
    def of(cls, found: SideBySide) -> "SideBySideOut":
        """A comparison as the API says it."""
        return cls(
            first=found.first.pk,
            second=found.second.pk,
            scores=[ScorePairOut.model_validate(pair) for pair in found.scores],
            examples=ExamplesOut.model_validate(found.examples) if found.examples else None,
            gains=[ContrastOut.of(each) for each in found.gains],
            losses=[ContrastOut.of(each) for each in found.losses],
            class_metric=found.class_key,
            classes=[ClassPairOut.model_validate(pair) for pair in found.classes],
            costs=[CostPairOut.model_validate(pair) for pair in found.costs],
            same_data=found.same_data,
        )


def _submission(request: HttpRequest, event: Event, submission: UUID) -> Submission:
    found = submission_or_none(event, submission, request.user)
    if found is None:
        raise Http404(f"no submission {submission} for this viewer")
    return found


@router.get(
    "/events/{slug:event}/submissions/{submission}/compare/{other}",
    response=SideBySideOut,
    summary="Two submissions side by side",
)
def compare(request: HttpRequest, event: str, submission: UUID, other: UUID) -> SideBySideOut:
    """Of one challenge, both scored. What is said of single examples is said of the validation split."""
    here = find_event(request.user, event)
    pair = (_submission(request, here, submission), _submission(request, here, other))
    return SideBySideOut.of(side_by_side(*pair, request.user))
