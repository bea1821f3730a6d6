"""The one way in which a loader says no."""


class Refused(Exception):
    """The artefact cannot be scored. `code` is one of the verdict codes, `found` what was seen."""

    def __init__(self, code: str, found: str) -> None:
        super().__init__(found)
        self.code = code
        self.found = found
