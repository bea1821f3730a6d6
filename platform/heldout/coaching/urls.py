from django.urls import path

from heldout.coaching import views

COACHING = "events/<slug:event>/coach/<int:team>/<slug:challenge>/"
CALL = "events/<slug:event>/help/<int:call>/"

urlpatterns = [
    path("events/<slug:event>/coach/", views.cockpit, name="cockpit"),
    path(COACHING, views.coaching, name="coaching"),
    path(f"{COACHING}sign-off/", views.sign_off, name="sign_off"),
    path(f"{COACHING}withdraw/", views.withdraw_sign_off, name="withdraw_sign_off"),
    path(f"{COACHING}hints/", views.open_hint, name="open_hint"),
    path("events/<slug:event>/challenges/<slug:challenge>/help/", views.raise_hand, name="raise_hand"),
    path(f"{CALL}claim/", views.claim_call, name="claim_call"),
    path(f"{CALL}close/", views.close_call, name="close_call"),
]
