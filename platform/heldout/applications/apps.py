from django.apps import AppConfig


class ApplicationsConfig(AppConfig):
    name = "heldout.applications"

    def ready(self) -> None:
        """Place people of a roster when they accept."""
        from heldout.applications.roster import place
        from heldout.events.signals import invitation_accepted

        invitation_accepted.connect(place, dispatch_uid="heldout.applications.place")
