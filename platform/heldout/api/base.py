"""The API itself. Apps above this one bring routers of their own: `heldout.urls` puts all together."""

from heldout.api.agenda import router as agenda
from heldout.api.applications import router as applications
from heldout.api.challenges import boards
from heldout.api.challenges import router as challenges
from heldout.api.coaching import router as coaching
from heldout.api.comparing import router as comparing
from heldout.api.description import DescribedAPI
from heldout.api.events import router as events
from heldout.api.hearing import router as hearing
from heldout.api.invitations import router as invitations
from heldout.api.keeping import keeping
from heldout.api.limits import Limit, limited
from heldout.api.notices import router as notices
from heldout.api.placing import router as placing
from heldout.api.problems import register
from heldout.api.submissions import router as submissions
from heldout.api.team_tokens import router as team_tokens
from heldout.api.teams import router as teams
from heldout.api.uploads import router as uploads

api = DescribedAPI(
    title="Heldout",
    version="1",
    description="Events, challenges, boards and your team's submissions. Send a token of your account as "
    "`Authorization: Bearer hld_...`, or sign in on the site first.",
    docs_url=None,
    throttle=[Limit()],
)
api.add_decorator(keeping)
api.add_decorator(limited, mode="view")
for router in (
    events,
    challenges,
    boards,
    submissions,
    teams,
    team_tokens,
    coaching,
    notices,
    comparing,
    uploads,
    applications,
    invitations,
    agenda,
    placing,
    hearing,
):
    api.add_router("", router)
register(api)
