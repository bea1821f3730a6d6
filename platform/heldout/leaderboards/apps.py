from typing import Any

from django.apps import AppConfig
from django.db import transaction
from django.db.models.signals import post_delete, post_save


class LeaderboardsConfig(AppConfig):
    name = "heldout.leaderboards"

    def ready(self) -> None:
        """Boards are kept ready: whatever they are made of, besides standings, tells when it changes."""
        from django.contrib.auth.signals import user_logged_out

        from heldout.catalog.models import Attainment, Challenge, SignOff
        from heldout.events.models import Event
        from heldout.leaderboards.models import BoardRules
        from heldout.teams.models import Team

        for model in (Attainment, BoardRules, Challenge, Event, SignOff, Team):
            post_save.connect(_renew, sender=model, dispatch_uid=f"boards of saved {model.__name__}")
            post_delete.connect(_renew, sender=model, dispatch_uid=f"boards of deleted {model.__name__}")
        user_logged_out.connect(_sign_out, dispatch_uid="end tickets")


def _sign_out(request: Any, **_: object) -> None:
    from heldout.leaderboards import tickets

    if request is not None:
        tickets.sign_out(request)


def _renew(instance: Any, *, raw: bool = False, **_: object) -> None:
    if raw:
        return  # A row of a backup, whose event may not be there yet.
    from heldout.catalog.models import Attainment
    from heldout.events.models import Event
    from heldout.leaderboards import shelf

    owner = instance if hasattr(instance, "event") or isinstance(instance, Event) else instance.team
    event = owner if isinstance(owner, Event) else owner.event
    if isinstance(instance, Attainment):
        # Passing is on the event's board alone.
        transaction.on_commit(lambda: shelf.renew(event.slug, ""), robust=True)
        return
    transaction.on_commit(lambda: shelf.forget_event(event), robust=True)
