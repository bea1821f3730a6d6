from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from heldout.accounts.outbox import newest_mails


def outbox(request: HttpRequest) -> HttpResponse:
    """The mails of the demo, which has nowhere to send them. No such page on a real site."""
    if not settings.DEMO:
        raise Http404("mails are shown in the demo only")
    return render(request, "accounts/outbox.html", {"mails": newest_mails()})
