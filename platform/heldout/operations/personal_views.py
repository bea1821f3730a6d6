"""A person's own account: the name that others see, all data about them, the end of it."""

from typing import cast

from django import forms
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from heldout.accounts.actions import rename
from heldout.accounts.models import User
from heldout.events.rules import Refusal
from heldout.operations import personal
from heldout.operations.archives import to_json

UNPROCESSABLE = 422


class NameForm(forms.Form):
    """The name that others see."""

    name = forms.CharField(label="Your name", max_length=80)


class ForgetForm(forms.Form):
    """The end of an account, confirmed by its address."""

    email = forms.EmailField(label="Type your mail address to confirm")

    def __init__(self, expected: str, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.expected = expected

    def clean_email(self) -> str:
        """The address of the account, and no other."""
        found: str = self.cleaned_data["email"].lower()
        if found != self.expected:
            raise forms.ValidationError(f"Found {found}; expected {self.expected}.")
        return found


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """The reader's name, and the ways to the data and to the end."""
    user = cast(User, request.user)
    form = NameForm(request.POST if request.method == "POST" else None, initial={"name": user.name})
    if form.is_valid():
        rename(user, form.cleaned_data["name"])
        messages.success(request, "Others see this name from now on.")
        return redirect("account")
    return render(
        request, "operations/account.html", {"form": form}, status=UNPROCESSABLE if form.errors else 200
    )


@never_cache
@login_required
@require_safe
def my_data(request: HttpRequest) -> HttpResponse:
    """Everything that the site keeps of the reader, as JSON."""
    headers = {"Content-Disposition": 'attachment; filename="my-data.json"'}
    content = to_json(personal.known_of(cast(User, request.user)))
    return HttpResponse(content, content_type="application/json", headers=headers)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def forget_me(request: HttpRequest) -> HttpResponse:
    """Says what goes and what stays; then forgets the reader."""
    user = cast(User, request.user)
    form = ForgetForm(user.email, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            personal.forget(user, user)
        except Refusal as refusal:
            form.add_error(None, f"{refusal.subject} {refusal.text}")
        else:
            logout(request)
            messages.success(request, "Your account is gone. Thank you for having been here.")
            return redirect("home")
    return render(
        request, "operations/forget.html", {"form": form}, status=UNPROCESSABLE if form.errors else 200
    )
