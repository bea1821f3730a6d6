from django.urls import path

from heldout.web import compare_views, screen, views

urlpatterns = [
    path("", views.home, name="home"),
    path("events/<slug:event>/", views.event_home, name="event_home"),
    path("events/<slug:event>/challenges/<slug:challenge>/", views.challenge, name="challenge"),
    path("events/<slug:event>/submissions/<uuid:submission>/", views.submission, name="submission"),
    path("events/<slug:event>/submissions/<uuid:submission>/compare/", compare_views.compare, name="compare"),
    path("events/<slug:event>/screen/", screen.screen, name="screen"),
]
