from django.urls import path

from heldout.events import agenda_views, attendance_views, views, wording_views

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
    path("events/<slug:event>/agenda/", agenda_views.agenda, name="agenda"),
    path("events/<slug:event>/agenda/new/", agenda_views.session_new, name="session_new"),
    path("events/<slug:event>/agenda/<int:session>/", agenda_views.session_edit, name="session_edit"),
    path(
        "events/<slug:event>/agenda/<int:session>/remove/", agenda_views.session_remove, name="session_remove"
    ),
    path("events/<slug:event>/attendance/<int:session>/", attendance_views.attendance, name="attendance"),
    path(
        "events/<slug:event>/attendance/<int:session>/attendance.csv",
        attendance_views.attendance_csv,
        name="attendance_csv",
    ),
    path(
        "events/<slug:event>/attendance/<int:session>/<int:registration>/check-in/",
        attendance_views.check_in,
        name="check_in",
    ),
    path(
        "events/<slug:event>/attendance/<int:session>/<int:registration>/undo/",
        attendance_views.undo_check_in,
        name="undo_check_in",
    ),
    path("events/<slug:event>/check-in/<str:code>/", attendance_views.scanned, name="scanned"),
    path("events/<slug:event>/mails/", wording_views.wordings, name="wordings"),
    path("events/<slug:event>/mails/<slug:kind>/", wording_views.wording_edit, name="wording_edit"),
    path("events/<slug:event>/mails/<slug:kind>/reset/", wording_views.wording_reset, name="wording_reset"),
    path("agenda/<str:token>.ics", agenda_views.agenda_feed, name="agenda_feed"),
    path("open/<int:session>/", agenda_views.open_session, name="open_session"),
    path("open/<int:session>.ics", agenda_views.open_session_feed, name="open_session_feed"),
    path("open/cancel/<str:token>/", agenda_views.cancel_registration, name="cancel_registration"),
    path("invitations/<str:token>/", views.invitation_accept, name="invitation_accept"),
]
