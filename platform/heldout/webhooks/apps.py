from typing import Any

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "heldout.webhooks"

    def ready(self) -> None:
        """What is scored is told in the transaction that writes it down."""
        from heldout.submissions.signals import scored

        scored.connect(_tell, dispatch_uid="webhooks of what is scored")


def _tell(submission: Any, **_: object) -> None:
    from heldout.webhooks import telling

    telling.submission_scored(submission)
