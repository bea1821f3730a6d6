"""Who may open an account: only people who were invited."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class InvitationOnlyAdapter(DefaultAccountAdapter):
    """Accounts are made by accepting an invitation, never by a sign-up form."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """No: invitations make accounts."""
        return False
