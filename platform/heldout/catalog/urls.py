from django.urls import path

from heldout.catalog import gate_views, views

CHALLENGE = "events/<slug:event>/challenges/<slug:challenge>/"

urlpatterns = [
    path("events/<slug:event>/challenges/", views.add_challenge, name="add_challenge"),
    path(f"{CHALLENGE}data/", views.challenge_data, name="challenge_data"),
    path(f"{CHALLENGE}preview.png", views.challenge_preview, name="challenge_preview"),
    path(f"{CHALLENGE}prepare/", views.prepare_challenge, name="prepare_challenge"),
    path(f"{CHALLENGE}open/", views.open_challenge, name="open_challenge"),
    path(f"{CHALLENGE}close/", views.close_challenge, name="close_challenge"),
    path(f"{CHALLENGE}gates/", gate_views.gates, name="gates"),
    path(f"{CHALLENGE}gates/<int:gate>/remove/", gate_views.remove_gate, name="remove_gate"),
    path(f"{CHALLENGE}gates/team/", gate_views.open_by_hand, name="open_by_hand"),
]
