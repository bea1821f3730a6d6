from django.urls import path

from heldout.live.views import live

urlpatterns = [path("events/<slug:event>/live/", live, name="live")]
