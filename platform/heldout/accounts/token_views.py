"""A person's API tokens: make one, see what there is, revoke."""

from typing import cast

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from heldout.accounts import tokens as rules
from heldout.accounts.models import Scope, User


class TokenForm(forms.Form):
    """A new token."""

    name = forms.CharField(max_length=60, help_text="What will use it, for example: my laptop.")
    scopes = forms.MultipleChoiceField(
        choices=Scope.choices,
        label="What it may do",
        widget=forms.CheckboxSelectMultiple,
        initial=[Scope.READ, Scope.SUBMIT],
    )
    days = forms.IntegerField(
        label="Days until it ends", min_value=1, max_value=rules.LONGEST_DAYS, initial=30
    )


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """The person's tokens; a new one is shown on the answer to its form, and nowhere else."""
    user, secret = cast(User, request.user), ""
    form = TokenForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        _, secret = rules.make(user, **form.cleaned_data)
        form = TokenForm()
    status = 422 if form.errors else 200
    context = {"tokens": rules.of(user), "form": form, "secret": secret, "now": timezone.now()}
    return render(request, "accounts/tokens.html", context, status=status)


@require_POST
@login_required
def revoke_token(request: HttpRequest, token: int) -> HttpResponse:
    """End one of the person's own tokens."""
    found = get_object_or_404(rules.of(cast(User, request.user)), pk=token)
    rules.revoke(found)
    messages.success(request, f"The token {found.name} works no longer.")
    return redirect("tokens")
