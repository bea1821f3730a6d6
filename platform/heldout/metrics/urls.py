from django.urls import path

from heldout.metrics import views

urlpatterns = [path("metrics", views.metrics, name="metrics")]
