"""Announcements by mail, one to each person."""

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string
from django.urls import reverse

from heldout.events.models import Role, RoleName
from heldout.markdown import to_html
from heldout.notices.models import Announcement, Audience

ROLES = {
    Audience.ALL: list(RoleName),
    Audience.PARTICIPANTS: [RoleName.PARTICIPANT],
    Audience.COACHES: [RoleName.COACH],
}


def send_announcement(announcement: Announcement) -> int:
    """Send it to whom it is addressed; gives the number. Raises what the connection raises."""
    event = announcement.event
    roles = Role.objects.filter(event=event, name__in=ROLES[Audience(announcement.audience)])
    addresses = list(roles.filter(user__is_active=True).values_list("user__email", flat=True))
    link = f"{settings.PUBLIC_URL}{reverse('notices', args=[event.slug])}"
    context = {
        "announcement": announcement,
        "event": event,
        "body": to_html(announcement.body),
        "link": link,
    }
    text, html = (render_to_string(f"mail/announcement.{form}", context) for form in ("txt", "html"))
    subject = " ".join(f"{event.name}: {announcement.title}".split())
    with get_connection() as connection:
        for address in addresses:
            message = EmailMultiAlternatives(subject=subject, body=text, to=[address], connection=connection)
            message.attach_alternative(html, "text/html")
            message.send()
    return len(addresses)
