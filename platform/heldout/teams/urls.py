from django.urls import path

from heldout.teams import views

urlpatterns = [
    path("events/<slug:event>/team/", views.team, name="team"),
    path("events/<slug:event>/team/create/", views.create_team, name="create_team"),
    path("events/<slug:event>/team/join/", views.join_team, name="join_team"),
    path("events/<slug:event>/team/leave/", views.leave_team, name="leave_team"),
    path("events/<slug:event>/team/rename/", views.rename_team, name="rename_team"),
    path("events/<slug:event>/team/code/", views.new_join_code, name="new_join_code"),
    path("events/<slug:event>/teams/", views.teams, name="teams"),
    path("events/<slug:event>/teams/<int:team>/coach/", views.assign_coach, name="assign_coach"),
    path("events/<slug:event>/teams/move/", views.move_member, name="move_member"),
]
