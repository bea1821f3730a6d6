from django.urls import path

from heldout.submissions import views

urlpatterns = [
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
