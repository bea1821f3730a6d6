"""Signing somebody in who has proven in another way than by password or code who they are."""

from allauth.account.utils import perform_login
from django.http import HttpRequest, HttpResponse

from heldout.accounts.models import User


def sign_in(request: HttpRequest, user: User, then: str) -> HttpResponse:
    """Sign `user` in, through allauth so that its stages and signals run, and go to the address `then`."""
    response: HttpResponse = perform_login(request, user, redirect_url=then)
    return response
