"""The mails whose words organizers may change: what each is for, what it can say, and its words at first."""

from dataclasses import dataclass, field

DATES = "3 to 5 July 2031"
EVENT = {"event": "Gear & Trail", "when": DATES, "where": "A hut, Zermatt"}
LINK = "https://heldout.example/link-of-their-own/"
INVITED = {**EVENT, "inviter": "Ada Lovelace", "role": "participant", "until": "19 June 2031", "link": LINK}
APPLICANT = {**EVENT, "name": "Grace Hopper", "link": LINK}
DECIDED = {name: value for name, value in APPLICANT.items() if name != "link"}
ATTENDEE = {
    **EVENT,
    "name": "Grace Hopper",
    "session": "Community evening",
    "when": "Tuesday, 1 July 2031, 18:00 to 20:00 (Europe/Zurich)",
    "link": LINK,
}
REMOVED = {name: value for name, value in ATTENDEE.items() if name != "link"}


@dataclass(frozen=True)
class WordingKind:
    """A mail: the placeholders that it knows, each with an example, and its words at first, in Markdown."""

    name: str
    label: str
    subject: str
    body: str
    examples: dict[str, str]
    button: str = ""
    """What the link is called where it stands alone in a paragraph."""
    required: tuple[str, ...] = field(default=())


def _kinds() -> list[WordingKind]:
    return [
        WordingKind(
            "invitation",
            "Invitation",
            "You are invited to {{ event }}",
            "{{ inviter }} invites you to take part in **{{ event }}** as {{ role }}.\n\n{{ when "
            "}}\n{{ where }}\n\n"
            "Accept the invitation here:\n\n{{ link }}\n\n"
            "The link is for you alone: it works once, until {{ until }}. "
            "If you did not expect this mail, do nothing.\n",
            INVITED,
            "Accept the invitation",
            ("link",),
        ),
        *_of_applications(),
        *_of_sessions(),
    ]


def _of_applications() -> list[WordingKind]:
    dates, see = "{{ when }}\n{{ where }}\n", "\nSee your application, or withdraw it, here:\n\n{{ link }}\n"
    hello, button, link = "Hello {{ name }},\n\n", "See your application", ("link",)
    return [
        WordingKind(
            "received",
            "Application received",
            "We have your application: {{ event }}",
            f"{hello}thank you for applying to **{{{{ event }}}}**. The organizers read each "
            f"application, and you "
            f"hear from us by mail.\n\n{dates}{see}",
            APPLICANT,
            button,
            link,
        ),
        WordingKind(
            "again",
            "Applied already",
            "You have applied already: {{ event }}",
            f"{hello}you have applied to **{{{{ event }}}}** already. The link below replaces the "
            f"one that you had."
            f"\n\n{dates}{see}",
            APPLICANT,
            button,
            link,
        ),
        WordingKind(
            "waitlisted",
            "On the waitlist",
            "You are on the waitlist: {{ event }}",
            f"{hello}there are more good applications to **{{{{ event }}}}** than places. You are "
            f"on the waitlist, "
            f"and we write as soon as a place is yours.\n\n{dates}",
            DECIDED,
        ),
        WordingKind(
            "declined",
            "Application declined",
            "Your application: {{ event }}",
            f"{hello}we cannot offer you a place at **{{{{ event }}}}** this time. Thank you for "
            f"applying, and we "
            f"hope to see you at another event.\n",
            DECIDED,
        ),
    ]


def _of_sessions() -> list[WordingKind]:
    hello, dates, link = "Hello {{ name }},\n\n", "{{ when }}\n{{ where }}\n", ("link",)
    door = (
        "\nYour code for the door is here. Show it on your phone when you arrive. Can't come? "
        "Give your seat back "
        "on the same page.\n\n{{ link }}\n"
    )
    return [
        WordingKind(
            "seated",
            "Session: a seat",
            "You have a seat: {{ session }}",
            f"{hello}you have a seat at **{{{{ session }}}}**.\n\n{dates}{door}",
            ATTENDEE,
            "Your code for the door",
            link,
        ),
        WordingKind(
            "waits",
            "Session: on the waitlist",
            "You are on the waitlist: {{ session }}",
            f"{hello}all seats at **{{{{ session }}}}** are taken. You are on the waitlist, and "
            f"we write as soon as "
            f"one is yours.\n\n{dates}\nCan't come? Leave the waitlist here:\n\n{{{{ link }}}}\n",
            ATTENDEE,
            "Leave the waitlist",
            link,
        ),
        WordingKind(
            "moved_up",
            "Session: a seat has come free",
            "You have a seat now: {{ session }}",
            f"{hello}a seat at **{{{{ session }}}}** has come free, and it is yours.\n\n{dates}{door}",
            ATTENDEE,
            "Your code for the door",
            link,
        ),
        WordingKind(
            "removed",
            "Session: called off",
            "It does not take place: {{ session }}",
            f"{hello}**{{{{ session }}}}** does not take place. We are sorry.\n\n{dates}",
            REMOVED,
        ),
    ]


KINDS = {kind.name: kind for kind in _kinds()}
