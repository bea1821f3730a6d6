from django.urls import path

from heldout.events import views

urlpatterns = [
    path("events/new/", views.event_new, name="event_new"),
    path("events/<slug:event>/invitations/", views.invitations, name="invitations"),
    path(
        "events/<slug:event>/invitations/<int:invitation>/resend/",
        views.resend_invitation,
        name="resend_invitation",
    ),
    path(
        "events/<slug:event>/invitations/<int:invitation>/revoke/",
        views.revoke_invitation,
        name="revoke_invitation",
    ),
    path("invitations/<str:token>/", views.invitation_accept, name="invitation_accept"),
]
