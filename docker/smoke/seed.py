"""Runs inside the site's container: an event with one challenge, a team of one, and who they are as JSON."""

# ruff: noqa: E402 - settings before models

import json
import secrets
import sys
import time
from datetime import timedelta

import django

django.setup()

from django.utils import timezone

from challenges.bundle import built_in
from heldout.accounts.actions import create_account
from heldout.catalog import actions as catalog
from heldout.catalog.models import Preparation, PreparationState
from heldout.catalog.queries import latest_preparation
from heldout.catalog.rules import why_not_ready
from heldout.events import actions as events
from heldout.events.models import RoleName
from heldout.teams import actions as teams

PREPARATION_SECONDS = 600
EMAIL = "participant@smoke.example"

bundle = sys.argv[1]
password = secrets.token_urlsafe(16)
organizer = create_account("organizer@smoke.example", "Organizer", secrets.token_urlsafe(16))
now = timezone.now()
event = events.create_event(
    actor=organizer,
    name="Smoke",
    slug="smoke",
    time_zone="UTC",
    starts_at=now - timedelta(hours=1),
    ends_at=now + timedelta(days=1),
)
participant = create_account(EMAIL, "Participant", password)
_, token = events.invite(event, EMAIL, RoleName.PARTICIPANT, organizer)
events.accept(token, participant)
teams.create_team(event, participant, "Smoke signals")

folder = next(folder for folder in built_in() if folder.name == bundle)
challenge = catalog.add_challenge(event, catalog.register_bundle(folder, organizer), 1, 100, organizer)
preparation = catalog.prepare(challenge, organizer)
until = time.monotonic() + PREPARATION_SECONDS
while Preparation.objects.filter(pk=preparation.pk, state=PreparationState.QUEUED).exists():
    if time.monotonic() > until:
        sys.exit(f"{bundle} was not prepared within {PREPARATION_SECONDS} s")
    time.sleep(0.5)
why = why_not_ready(latest_preparation(challenge))
if why:
    sys.exit(f"{bundle} is not ready: {why}")
catalog.open_challenge(challenge, organizer)
print(json.dumps({"email": EMAIL, "password": password}))
