"""Files that are sent in pieces. An upload is its author's alone; who may ask must speak tus: 412."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from heldout.catalog.models import Challenge
from heldout.submissions.upload_models import Upload
from tests.heldout.web.scene import Life

MATRIX = """
# request                                                                         nobody outsider elsewhere lone rival member coach another organizer operator
OPTIONS /api/v1/events/gear-trail/challenges/into-the-deep/uploads                401    404      404       204  204   204    204   204     204       204
POST /api/v1/events/gear-trail/challenges/into-the-deep/uploads                   401    404      404       409  412   412    409   409     409       409
POST /api/v1/events/gear-trail/challenges/which-pixels/uploads                    401    404      404       409  409   409    409   409     409       409
HEAD /api/v1/uploads/{upload}                                                     401    404      404       404  404   412    404   404     404       404
PATCH /api/v1/uploads/{upload}                                                    401    404      404       404  404   412    404   404     404       404
DELETE /api/v1/uploads/{upload}                                                   401    404      404       404  404   412    404   404     404       404
POST /api/v1/events/gear-trail/challenges/into-the-deep/submissions/from-upload   401    404      404       422  422   422    422   422     422       422
"""  # noqa: E501


def things(life: Life) -> dict[str, Any]:
    """An upload that the member has begun."""
    upload = Upload.objects.create(
        challenge=Challenge.objects.get(event=life.scene.event, slug="into-the-deep"),
        author=life.scene.people["participant"],
        file_name="model.onnx",
        length=9,
        expires_at=timezone.now() + timedelta(hours=1),
    )
    return {"upload": upload.pk}
