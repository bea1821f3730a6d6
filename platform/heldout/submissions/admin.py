"""Submissions for the people who run the site: to look, to cancel, to run again."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from heldout.audit.admin import ReadOnlyAdmin
from heldout.catalog.admin import ActionAdmin
from heldout.submissions import actions
from heldout.submissions.intervention_models import Disqualification, Extension, Grant, Pause
from heldout.submissions.models import Attempt, Rescoring, Submission, Worker
from heldout.submissions.upload_models import Upload


@admin.register(Submission)
class SubmissionAdmin(ActionAdmin):
    """What teams handed in."""

    list_display = ["team", "challenge", "number", "rehearsal", "state", "format", "author", "created_at"]
    list_filter = ["state", "rehearsal", "challenge", "format"]
    list_select_related = ["team", "challenge", "author"]
    search_fields = ["team__name", "file_name", "note", "blob__digest"]
    actions = ["run_again", "take_back"]

    @admin.action(description="Run again (failed ones)", permissions=["view"])
    def run_again(self, request: HttpRequest, chosen: "QuerySet[Submission]") -> None:
        """Give failed submissions another run."""
        self.act_on_each(request, chosen, actions.retry, "runs again")

    @admin.action(description="Cancel (unfinished ones)", permissions=["view"])
    def take_back(self, request: HttpRequest, chosen: "QuerySet[Submission]") -> None:
        """Cancel unfinished submissions."""
        self.act_on_each(request, chosen, actions.cancel, "is cancelled")


@admin.register(Attempt)
class AttemptAdmin(ReadOnlyAdmin):
    """Single runs."""

    list_display = [
        "submission", "job", "number", "state", "queue", "worker", "created_at", "lease_until", "deadline",
    ]  # fmt: skip
    list_filter = ["state", "job"]
    list_select_related = ["submission__team", "submission__challenge"]


@admin.register(Worker)
class WorkerAdmin(ReadOnlyAdmin):
    """Who scores."""

    list_display = ["name", "queues", "formats", "running", "seen_at"]


@admin.register(Pause)
class PauseAdmin(ReadOnlyAdmin):
    """What stands still."""

    list_display = ["event", "challenge", "scope", "reason", "by", "at"]
    list_select_related = ["event", "challenge", "by"]


@admin.register(Grant, Extension)
class ExceptionAdmin(ReadOnlyAdmin):
    """Tries and time that single teams were given."""

    list_display = ["team", "challenge", "reason", "by", "at"]
    list_filter = ["challenge"]
    list_select_related = ["team", "challenge", "by"]


@admin.register(Disqualification)
class DisqualificationAdmin(ReadOnlyAdmin):
    """What counts on no board."""

    list_display = ["label", "reason", "by", "at"]
    list_select_related = ["submission__team", "submission__challenge", "team", "by"]


@admin.register(Rescoring)
class RescoringAdmin(ReadOnlyAdmin):
    """What was scored anew; decided in the control room."""

    list_display = ["challenge", "state", "reason", "by", "at"]
    list_filter = ["challenge"]
    list_select_related = ["challenge", "by"]


@admin.register(Upload)
class UploadAdmin(ReadOnlyAdmin):
    """What is being sent in pieces, or waits to be handed in."""

    list_display = ["file_name", "author", "challenge", "offset", "length", "created_at", "expires_at"]
    list_select_related = ["author", "challenge"]
    list_filter = ["challenge"]
