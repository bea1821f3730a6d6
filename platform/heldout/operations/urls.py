from django.urls import path

from heldout.operations import export_views, personal_views, rescoring_views, views

EVENT = "events/<slug:event>/"
HERE = f"{EVENT}control/"

urlpatterns = [
    path("account/", personal_views.account, name="account"),
    path("account/data.json", personal_views.my_data, name="my_data"),
    path("account/delete/", personal_views.forget_me, name="forget_me"),
    path(HERE, views.control, name="control"),
    path(f"{HERE}export/", export_views.exports, name="exports"),
    path(f"{HERE}export/all.zip", export_views.export_all, name="export_all"),
    path(f"{HERE}export/<slug:table>.csv", export_views.export_table, {"form": "csv"}, name="export_csv"),
    path(f"{HERE}export/<slug:table>.json", export_views.export_table, {"form": "json"}, name="export_json"),
    path(
        "events/<slug:event>/teams/<int:team>/take-home.zip", export_views.take_home_of, name="take_home_of"
    ),
    path("events/<slug:event>/team/take-home.zip", export_views.take_home, name="take_home"),
    path("events/<slug:event>/team/certificate.pdf", export_views.certificate, name="certificate"),
    path(f"{HERE}rescorings/", rescoring_views.rescorings, name="rescorings"),
    path(f"{HERE}rescorings/<int:rescoring>/", rescoring_views.rescoring, name="rescoring"),
    path(
        f"{HERE}rescorings/<int:rescoring>/<slug:step>/",
        rescoring_views.rescoring_step,
        name="rescoring_step",
    ),
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
