from django.urls import path

from heldout.leaderboards import views

urlpatterns = [
    path("events/<slug:event>/board/", views.points, name="points"),
    path("events/<slug:event>/challenges/<slug:challenge>/board/", views.board, name="board"),
]
