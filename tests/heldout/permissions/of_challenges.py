"""Challenges, what they give to teams, what opens them, and the bundles that organizers bring."""

import zipfile
from typing import Any

from heldout import blobs
from heldout.authoring.models import UploadedBundle
from heldout.catalog.models import Preparation
from heldout.catalog.queries import PREVIEW
from tests.heldout.handing_in import make_bundle
from tests.heldout.web.scene import Life

MATRIX = """
# request                                                             nobody outsider elsewhere lone rival member coach another organizer operator
GET /events/gear-trail/challenges/                                    405
POST /events/gear-trail/challenges/                                   login  404      404       404  404   404    404   404     404       404
POST /events/gear-trail/challenges/?bundle=numbers-too                login  404      404       404  404   404    404   404     302       302
GET /events/gear-trail/challenges/which-pixels/data/                  login  404      404       404  404   404    200   200     200       200
GET /events/gear-trail/challenges/into-the-deep/data/                 login  404      404       200  200   200    200   200     200       200
POST /events/gear-trail/challenges/into-the-deep/data/                405
GET /events/gear-trail/challenges/into-the-deep/preview.png           login  404      404       200  200   200    200   200     200       200
POST /events/gear-trail/challenges/into-the-deep/preview.png          405
GET /events/gear-trail/challenges/the-wild/prepare/                   405
POST /events/gear-trail/challenges/the-wild/prepare/                  login  404      404       404  404   404    404   404     302       302
GET /events/gear-trail/challenges/the-wild/open/                      405
POST /events/gear-trail/challenges/the-wild/open/                     login  404      404       404  404   404    404   404     302       302
GET /events/gear-trail/challenges/into-the-deep/close/                405
POST /events/gear-trail/challenges/into-the-deep/close/               login  404      404       404  404   404    404   404     302       302
GET /events/gear-trail/challenges/which-pixels/gates/                 login  404      404       404  404   404    404   404     200       200
POST /events/gear-trail/challenges/which-pixels/gates/                login  404      404       404  404   404    404   404     200       200
GET /events/gear-trail/challenges/which-pixels/gates/{gate}/remove/   405
POST /events/gear-trail/challenges/which-pixels/gates/{gate}/remove/  login  404      404       404  404   404    404   404     302       302
POST /events/gear-trail/challenges/show-it/gates/{gate}/remove/       login  404      404       404  404   404    404   404     404       404
GET /events/gear-trail/challenges/which-pixels/gates/team/            405
POST /events/gear-trail/challenges/which-pixels/gates/team/           login  404      404       404  404   404    404   404     302       302
GET /events/gear-trail/bundles/                                       login  404      404       404  404   404    404   404     200       200
POST /events/gear-trail/bundles/                                      login  404      404       404  404   404    404   404     422       422
GET /events/gear-trail/bundles/{bundle}/                              login  404      404       404  404   404    404   404     200       200
POST /events/gear-trail/bundles/{bundle}/                             405
POST /events/gear-trail/bundles/{bundle}/test/                        login  404      404       404  404   404    404   404     302       302
GET /events/gear-trail/bundles/{bundle}/test/                         405
GET /events/gear-trail/bundles/{bundle}/publish/                      405
POST /events/gear-trail/bundles/{bundle}/publish/                     login  404      404       404  404   404    404   404     302       302
"""  # noqa: E501


def things(life: Life) -> dict[str, Any]:
    """A gate, and a bundle that was brought; given data with a preview lies in the store."""
    given = blobs.new_incoming()
    with zipfile.ZipFile(given, "w") as archive:
        archive.writestr(PREVIEW, b"png")
    digest = blobs.digest_of(given)
    blobs.keep(given, digest)
    Preparation.objects.filter(challenge__event=life.scene.event).update(given=digest)
    brought = UploadedBundle.objects.create(event=life.scene.event, bundle=make_bundle(slug="brought"))
    return {"gate": life.gate.pk, "bundle": brought.pk}
