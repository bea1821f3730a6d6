from django.urls import path

from heldout.leaderboards import ending_views, integrity_views, picture_views, timelapse_views, views

CHALLENGE = "events/<slug:event>/challenges/<slug:challenge>/"
SUBMISSION = "events/<slug:event>/submissions/<uuid:submission>/"

urlpatterns = [
    path("events/<slug:event>/board/", views.points, name="points"),
    path("events/<slug:event>/board/rules/", ending_views.board_rules, name="board_rules"),
    path("events/<slug:event>/board/freeze/", ending_views.freeze_boards, name="freeze_boards"),
    path("events/<slug:event>/board/unfreeze/", ending_views.unfreeze_boards, name="unfreeze_boards"),
    path("events/<slug:event>/board/publish/", ending_views.publish_final, name="publish_final"),
    path("events/<slug:event>/board/take-back/", ending_views.take_back_final, name="take_back_final"),
    path(f"{CHALLENGE}reveal/", ending_views.reveal, name="reveal"),
    path(f"{CHALLENGE}final/", ending_views.final_board, name="final_board"),
    path(f"{SUBMISSION}choose/", ending_views.choose_submission, name="choose_submission"),
    path(f"{SUBMISSION}unchoose/", ending_views.take_choice_back, name="take_choice_back"),
    path("events/<slug:event>/challenges/<slug:challenge>/board/", views.board, name="board"),
    path("events/<slug:event>/integrity/", integrity_views.integrity, name="integrity"),
    path(f"{CHALLENGE}board/rows/", views.rows, name="board_rows"),
    path(f"{CHALLENGE}board/time-lapse/", timelapse_views.of_a_challenge, name="timelapse"),
    path("events/<slug:event>/board/time-lapse/", timelapse_views.of_an_event, name="points_timelapse"),
    path(f"{CHALLENGE}board/pictures/", picture_views.page, name="pictures"),
    path(f"{CHALLENGE}board/pictures/<slug:name>.<slug:kind>", picture_views.file, name="picture"),
]
