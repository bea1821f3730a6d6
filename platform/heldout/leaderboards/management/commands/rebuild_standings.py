from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from heldout.events.models import Event
from heldout.leaderboards.actions import rebuild_standings


class Command(BaseCommand):
    help = "Make every standing anew from scored submissions. Nothing changes unless a row was wrong."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--event", help="only the event with this slug")

    def handle(self, *args: Any, **options: Any) -> None:
        slug = options["event"]
        event = Event.objects.filter(slug=slug).first() if slug else None
        if slug and event is None:
            raise CommandError(f"No event is called {slug!r}. Name one by its slug, or leave --event out.")
        self.stdout.write(f"{rebuild_standings(event)} standings changed.")
