from django.urls import path

from heldout.notices import views

HERE = "events/<slug:event>/"

urlpatterns = [
    path(f"{HERE}notices/", views.notices, name="notices"),
    path(f"{HERE}notices/bell/", views.bell, name="bell"),
    path(f"{HERE}notices/<int:announcement>/", views.announcement_edit, name="announcement_edit"),
    path(
        f"{HERE}notices/<int:announcement>/withdraw/",
        views.announcement_withdraw,
        name="announcement_withdraw",
    ),
    path(f"{HERE}questions/", views.questions, name="questions"),
    path(f"{HERE}questions/<int:question>/answer/", views.question_answer, name="question_answer"),
    path(f"{HERE}questions/<int:question>/public/", views.question_public, name="question_public"),
]
