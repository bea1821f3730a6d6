from django.urls import path

from heldout.teams import meeting_views, token_views, views

urlpatterns = [
    path("events/<slug:event>/team/", views.team, name="team"),
    path("events/<slug:event>/team/create/", views.create_team, name="create_team"),
    path("events/<slug:event>/team/join/", views.join_team, name="join_team"),
    path("events/<slug:event>/team/leave/", views.leave_team, name="leave_team"),
    path("events/<slug:event>/team/rename/", views.rename_team, name="rename_team"),
    path("events/<slug:event>/team/code/", views.new_join_code, name="new_join_code"),
    path("events/<slug:event>/team/tokens/", token_views.team_tokens, name="team_tokens"),
    path(
        "events/<slug:event>/team/tokens/<int:token>/revoke/",
        token_views.revoke_team_token,
        name="revoke_team_token",
    ),
    path("events/<slug:event>/team/seek/", meeting_views.seek, name="seek"),
    path("events/<slug:event>/team/hand-over/", meeting_views.hand_over, name="hand_over"),
    path("events/<slug:event>/team/remove/", meeting_views.remove_member, name="remove_member"),
    path("events/<slug:event>/team/disband/", meeting_views.disband, name="disband"),
    path("events/<slug:event>/teams/find/", meeting_views.finder, name="finder"),
    path("events/<slug:event>/teams/words/", meeting_views.unwelcome_words, name="unwelcome_words"),
    path("events/<slug:event>/teams/<int:team>/empty/", meeting_views.empty_team, name="empty_team"),
    path("events/<slug:event>/teams/assign/", meeting_views.assign_teams, name="assign_teams"),
    path("events/<slug:event>/teams/<int:team>/ask/", meeting_views.ask_to_join, name="ask_to_join"),
    path("events/<slug:event>/teams/<int:team>/rename/", meeting_views.rename_any, name="rename_any"),
    path(
        "events/<slug:event>/people/<int:person>/invite/", meeting_views.invite_person, name="invite_person"
    ),
    path(
        "events/<slug:event>/approaches/<int:approach>/accept/",
        meeting_views.answer_approach,
        {"answer": "accept"},
        name="accept_approach",
    ),
    path(
        "events/<slug:event>/approaches/<int:approach>/decline/",
        meeting_views.answer_approach,
        {"answer": "decline"},
        name="decline_approach",
    ),
    path("events/<slug:event>/teams/", views.teams, name="teams"),
    path("events/<slug:event>/teams/<int:team>/coach/", views.assign_coach, name="assign_coach"),
    path("events/<slug:event>/teams/move/", views.move_member, name="move_member"),
]
