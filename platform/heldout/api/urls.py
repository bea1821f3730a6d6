from django.urls import path
from ninja import NinjaAPI

from heldout.api.problems import register
from heldout.api.routes import router

api = NinjaAPI(
    title="Heldout",
    version="1",
    description="Events, challenges, boards and your team's submissions. Sign in on the site first.",
    docs_url=None,
)
api.add_router("", router)
register(api)

urlpatterns = [path("api/v1/", api.urls)]
