from django.urls import path

from heldout.applications import views

QUESTION = "events/<slug:event>/applications/questions/"

urlpatterns = [
    path("apply/<slug:event>/", views.apply, name="apply"),
    path("applications/<str:token>/", views.own_application, name="application_own"),
    path("events/<slug:event>/applications/", views.applications, name="applications"),
    path("events/<slug:event>/applications/decide/", views.decide, name="decide_applications"),
    path("events/<slug:event>/applications/<int:application>/", views.application, name="application"),
    path("events/<slug:event>/applications/form/", views.intake, name="intake"),
    path(f"{QUESTION}new/", views.question_new, name="question_new"),
    path(f"{QUESTION}<int:question>/", views.question_edit, name="question_edit"),
    path(f"{QUESTION}<int:question>/remove/", views.question_remove, name="question_remove"),
    path("events/<slug:event>/invitations/roster/", views.invite_by_roster, name="roster"),
    path("events/<slug:event>/invitations/roster/sample.csv", views.roster_sample, name="roster_sample"),
]
