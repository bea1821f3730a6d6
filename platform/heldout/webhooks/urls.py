from django.urls import path

from heldout.webhooks import views

HOOK = "events/<slug:event>/webhooks/<int:hook>/"

urlpatterns = [
    path("events/<slug:event>/webhooks/", views.webhooks, name="webhooks"),
    path(HOOK, views.webhook, name="webhook"),
    path(f"{HOOK}secret/", views.rotate_webhook, name="rotate_webhook"),
    path(f"{HOOK}test/", views.change_webhook, {"do": "test"}, name="test_webhook"),
    path(f"{HOOK}pause/", views.change_webhook, {"do": "pause"}, name="pause_webhook"),
    path(f"{HOOK}resume/", views.change_webhook, {"do": "resume"}, name="resume_webhook"),
    path(f"{HOOK}remove/", views.change_webhook, {"do": "remove"}, name="remove_webhook"),
    path(
        "events/<slug:event>/webhooks/deliveries/<uuid:delivery>/again/",
        views.deliver_again,
        name="deliver_again",
    ),
]
