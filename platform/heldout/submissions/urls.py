from django.urls import path

from heldout.submissions import notebook_views, views

urlpatterns = [
    path("events/<slug:event>/teams/<int:team>/notebook/", notebook_views.notebook, name="notebook"),
    path(
        "events/<slug:event>/teams/<int:team>/notebook.csv", notebook_views.notebook_csv, name="notebook_csv"
    ),
    path(
        "events/<slug:event>/submissions/<uuid:submission>/note/",
        notebook_views.change_note,
        name="change_note",
    ),
    path(
        "events/<slug:event>/challenges/<slug:challenge>/submissions/",
        views.submit,
        name="submit",
    ),
    path(
        "events/<slug:event>/submissions/<uuid:submission>/cancel/",
        views.cancel_submission,
        name="cancel_submission",
    ),
    path(
        "events/<slug:event>/submissions/<uuid:submission>/retry/",
        views.retry_submission,
        name="retry_submission",
    ),
    path(
        "events/<slug:event>/submissions/<uuid:submission>/submit/",
        views.submit_rehearsed,
        name="submit_rehearsed",
    ),
]
