"""Writing the audit log. Called inside the transaction of the change that it describes."""

from typing import Any

from django.db.models import Model

from heldout.accounts.models import User
from heldout.audit.models import AuditEntry


def write(
    action: str,
    target: Model,
    *,
    actor: User | None,
    event_slug: str = "",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
) -> AuditEntry:
    """Record that `actor` did `action` to `target`, and by which of a team's tokens, if by one."""
    return AuditEntry.objects.create(
        actor=actor,
        action=action,
        target_type=target._meta.label_lower,
        target_id=str(target.pk),
        target_label=str(target)[:200],
        event_slug=event_slug,
        before=before or {},
        after=(after or {}) | ({"token": actor.by_token} if actor and actor.by_token else {}),
        reason=reason,
    )
