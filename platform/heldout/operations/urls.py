from django.urls import path

from heldout.operations import views

HERE = "events/<slug:event>/control/"

urlpatterns = [
    path(HERE, views.control, name="control"),
    path(f"{HERE}interventions/", views.interventions, name="interventions"),
    path(f"{HERE}pauses/<int:pause>/resume/", views.resume, name="resume"),
    path(f"{HERE}grants/<int:grant>/take-back/", views.take_grant_back, name="take_grant_back"),
    path(
        f"{HERE}extensions/<int:extension>/take-back/", views.take_extension_back, name="take_extension_back"
    ),
    path(f"{HERE}disqualifications/<int:disqualification>/undo/", views.qualify_again, name="qualify_again"),
    path(
        "events/<slug:event>/submissions/<uuid:submission>/disqualify/",
        views.disqualify_submission,
        name="disqualify_submission",
    ),
]
