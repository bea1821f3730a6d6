from django.urls import path

from heldout.authoring import views

urlpatterns = [
    path("events/<slug:event>/bundles/", views.bundles, name="bundles"),
    path("events/<slug:event>/bundles/<int:uploaded>/", views.bundle, name="bundle"),
    path("events/<slug:event>/bundles/<int:uploaded>/test/", views.try_bundle, name="test_bundle"),
    path("events/<slug:event>/bundles/<int:uploaded>/publish/", views.publish_bundle, name="publish_bundle"),
]
