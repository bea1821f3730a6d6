"""`manage.py forget_person ADDRESS`: remove what tells who somebody is, as they have asked."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from heldout.accounts.models import User
from heldout.events.rules import Refusal
from heldout.operations.personal import forget


class Command(BaseCommand):
    help = "Forget a person for good. What a team has handed in stays with the team."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whom, and that it is meant."""
        parser.add_argument("email")
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: Any, email: str, yes: bool, **options: Any) -> None:
        """Ask, then forget."""
        user = User.objects.filter(email=email.lower()).first()
        if user is None:
            raise CommandError(f"There is no account of {email}.")
        if not yes and input(f"Forget {user} <{user.email}> for good? Type yes: ") != "yes":
            raise CommandError("Nothing was done.")
        try:
            forget(user, None)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{email} is forgotten.")
