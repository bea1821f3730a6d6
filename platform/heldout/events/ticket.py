"""What somebody who registered shows at the door: a code that no one can guess, and that nobody keeps."""

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from heldout.events.models import Event, Registration

SALT = "heldout.ticket"


def is_good(registration: Registration) -> bool:
    """Whether there is a seat to show a code for."""
    return registration.cancelled_at is None and not registration.waits


def code_of(registration: Registration) -> str:
    """The code: the registration's number, signed with the site's key."""
    return signing.Signer(salt=SALT).sign(str(registration.pk))


def registration_with(code: str, event: Event) -> Registration | None:
    """The registration that `code` was made for, if it is for a session of `event`."""
    try:
        number = signing.Signer(salt=SALT).unsign(code)
    except signing.BadSignature:
        return None
    related = Registration.objects.select_related("session__event", "checked_in_by")
    return related.filter(pk=int(number), session__event=event).first()


def address_of(registration: Registration) -> str:
    """Where a phone that reads the code goes."""
    path = reverse("scanned", args=[registration.session.event.slug, code_of(registration)])
    return f"{settings.PUBLIC_URL}{path}"


def drawing(registration: Registration) -> SafeString:
    """The code as a picture, to stand within a page."""
    # It loads Pillow, which a process that draws no code does without.
    from qrcode.constants import ERROR_CORRECT_M
    from qrcode.image.svg import SvgPathImage
    from qrcode.main import QRCode

    code = QRCode(error_correction=ERROR_CORRECT_M, border=2, image_factory=SvgPathImage)
    code.add_data(address_of(registration))
    svg = str(code.make_image().to_string(encoding="unicode"))
    return mark_safe(svg)  # noqa: S308 - drawn by the library, squares alone
