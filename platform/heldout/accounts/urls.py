"""Sign-in. Only those pages of allauth are listed that the site offers: addresses are not changed here."""

from allauth.account import views as allauth
from django.urls import path, re_path

from heldout.accounts import device_views, token_views, views

urlpatterns = [
    path("outbox/", views.outbox, name="outbox"),
    path("account/tokens/", token_views.tokens, name="tokens"),
    path("account/tokens/<int:token>/revoke/", token_views.revoke_token, name="revoke_token"),
    path("device/", device_views.device, name="device"),
    path("accounts/login/", allauth.login, name="account_login"),
    path("accounts/login/code/", allauth.request_login_code, name="account_request_login_code"),
    path("accounts/login/code/confirm/", allauth.confirm_login_code, name="account_confirm_login_code"),
    path("accounts/logout/", allauth.logout, name="account_logout"),
    path("accounts/inactive/", allauth.account_inactive, name="account_inactive"),
    path("accounts/signup/", allauth.signup, name="account_signup"),
    path("accounts/confirm-email/", allauth.email_verification_sent, name="account_email_verification_sent"),
    path("accounts/confirm-email/<str:key>/", allauth.confirm_email, name="account_confirm_email"),
    path("accounts/password/change/", allauth.password_change, name="account_change_password"),
    path("accounts/password/set/", allauth.password_set, name="account_set_password"),
    path("accounts/password/reset/", allauth.password_reset, name="account_reset_password"),
    path("accounts/password/reset/sent/", allauth.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        allauth.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "accounts/password/reset/done/",
        allauth.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
]
