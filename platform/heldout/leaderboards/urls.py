from django.urls import path

from heldout.leaderboards import final_views, picture_views, rules_views, views

CHALLENGE = "events/<slug:event>/challenges/<slug:challenge>"

urlpatterns = [
    path("events/<slug:event>/board/", views.points, name="points"),
    path("events/<slug:event>/board/rules/", rules_views.rules, name="board_rules"),
    path("events/<slug:event>/board/freeze/", rules_views.freeze, name="freeze"),
    path("events/<slug:event>/board/unfreeze/", rules_views.unfreeze, name="unfreeze"),
    path(f"{CHALLENGE}/board/", views.board, name="board"),
    path(f"{CHALLENGE}/board/rows/", views.rows, name="board_rows"),
    path(f"{CHALLENGE}/board/pictures/", picture_views.page, name="pictures"),
    path(f"{CHALLENGE}/board/pictures/<slug:name>.<slug:kind>", picture_views.file, name="picture"),
    path(f"{CHALLENGE}/final/", final_views.choices, name="final_choices"),
    path("events/<slug:event>/submissions/<uuid:submission>/final/", final_views.choose, name="choose_final"),
    path(f"{CHALLENGE}/reveal/", final_views.reveal, name="reveal"),
    path(f"{CHALLENGE}/reveal/step/", final_views.step, name="reveal_step"),
    path(f"{CHALLENGE}/reveal/publish/", final_views.publish, name="reveal_publish"),
]
