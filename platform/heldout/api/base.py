"""The API itself. Apps above this one bring routers of their own: `heldout.urls` puts all together."""

from ninja import NinjaAPI

from heldout.api.comparing import router as comparing
from heldout.api.problems import register
from heldout.api.routes import router

api = NinjaAPI(
    title="Heldout",
    version="1",
    description="Events, challenges, boards and your team's submissions. Send a token of your account as "
    "`Authorization: Bearer hld_...`, or sign in on the site first.",
    docs_url=None,
)
api.add_router("", router)
api.add_router("", comparing)
register(api)
