from django.apps import AppConfig


class LeaderboardsConfig(AppConfig):
    name = "heldout.leaderboards"
