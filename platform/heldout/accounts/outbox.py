"""The demo's post office: each mail becomes a file that the outbox page shows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage as ParsedMail
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone


@dataclass(frozen=True)
class Mail:
    """A mail as the outbox page shows it."""

    to: str
    subject: str
    text: str
    sent_at: datetime


class OutboxBackend(BaseEmailBackend):
    """Writes mails into the folder `settings.OUTBOX` and prints a line for each."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write each message; returns how many."""
        folder = Path(settings.OUTBOX)
        folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            file = folder / f"{timezone.now():%Y%m%dT%H%M%S.%f}-{uuid4().hex[:8]}.eml"
            file.write_bytes(message.message().as_bytes())
            print(f"mail to {', '.join(message.to)}: {message.subject} ({file})")
        return len(email_messages)


def newest_mails(limit: int = 100) -> list[Mail]:
    """The mails in the outbox, the newest first."""
    files = sorted(Path(settings.OUTBOX).glob("*.eml"), reverse=True)
    return list(_read(files[:limit]))


def _read(files: list[Path]) -> Iterator[Mail]:
    for file in files:
        parsed = message_from_bytes(file.read_bytes(), _class=ParsedMail, policy=policy.default)
        body = parsed.get_body(("plain",))
        yield Mail(
            to=str(parsed["To"]),
            subject=str(parsed["Subject"]),
            text=body.get_content() if body else "",
            sent_at=datetime.strptime(file.name[:22], "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC),
        )
