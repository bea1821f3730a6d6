from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from heldout.submissions.actions import sweep


class Command(BaseCommand):
    help = "Look once for what was lost: silent workers, jobs that the broker no longer holds."

    def handle(self, *args: Any, **options: Any) -> None:
        report = sweep(timezone.now())
        self.stdout.write(
            f"{report.lost} attempts given up, {report.sent_again} jobs sent again, "
            f"{report.dispatched} given to workers."
        )
