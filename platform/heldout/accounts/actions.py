"""Changes to accounts."""

from allauth.account.models import EmailAddress

from heldout.accounts.models import User


def create_account(email: str, name: str, password: str | None = None) -> User:
    """Open an account for somebody who has proven the address `email`. Call it inside a transaction.

    Without `password` the account signs in by one-time codes, and can set a password later.
    """
    user = User.objects.create_user(email, password, name=" ".join(name.split()))
    mark_verified(user)
    return user


def mark_verified(user: User) -> None:
    """Note that `user` reads the mail that goes to the address of the account."""
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )


def rename(user: User, name: str) -> None:
    """Give somebody another name; single spaces, no more."""
    user.name = " ".join(name.split())
    user.save(update_fields=["name"])
