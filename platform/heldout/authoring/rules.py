"""Pure questions about versions of bundles."""

from heldout.catalog.models import BundleVersion, Challenge, PreparationState
from heldout.events.rules import Refusal


def refuse_switch(challenge: Challenge, bundle: BundleVersion) -> None:
    """Raise Refusal unless the challenge may use this version of its bundle from now on."""
    if challenge.opened_at is not None:
        raise Refusal(
            "The challenge has opened.",
            "It keeps its version and its data, since teams work on them.",
        )
    if challenge.slug != bundle.slug:
        raise Refusal(
            "This is another challenge.",
            f"The bundle is {bundle.slug}, the challenge {challenge.slug}. Add it as a challenge of its own.",
        )
    if challenge.bundle_id == bundle.pk:
        raise Refusal("The challenge uses this version already.", "Choose another one to switch.")
    if challenge.preparations.filter(state=PreparationState.QUEUED).exists():
        raise Refusal("Its self-test is running.", "Wait for the result, then switch.")
