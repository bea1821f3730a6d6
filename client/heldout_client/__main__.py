"""`python -m heldout_client`: the `heldout` command, where it is not on the path."""

from heldout_client.main import app

app()
