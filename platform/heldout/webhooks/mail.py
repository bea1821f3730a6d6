"""The mail to who made a webhook that does not answer."""

from django.conf import settings
from django.core.mail import send_mail
from django.urls import reverse

from heldout.webhooks.models import Hook

WORDS = """Hello {name},

the webhook that you made in {event} is paused:

  {url}

{why} Until it is resumed it is told nothing. See what it answered, and resume it, here:

  {page}
"""


def tell_of_pause(hook: Hook, why: str) -> None:
    """Tell whoever made it, if they still have an account."""
    if not hook.by.is_active:
        return
    page = settings.PUBLIC_URL + reverse("webhook", args=[hook.event.slug, hook.pk])
    words = WORDS.format(name=hook.by, event=hook.event.name, url=hook.url, why=why, page=page)
    subject = " ".join(f"{hook.event.name}: a webhook is paused".split())
    send_mail(subject, words, None, [hook.by.email])
