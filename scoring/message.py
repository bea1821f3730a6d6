"""What every message between the site and its workers is."""

from pydantic import BaseModel, ConfigDict


class Message(BaseModel):
    """A record that travels: immutable, and strict about what it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)
