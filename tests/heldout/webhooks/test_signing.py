"""Signatures by the specification."""

from heldout.webhooks import signing


def test_the_example_of_the_specification_comes_out() -> None:
    found = signing.signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        '{"test": 2432232314}',
    )
    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_two_secrets_give_two_signatures() -> None:
    keys = [signing.new_secret(), signing.new_secret()]
    both = signing.headers(keys, "msg_1", 1, "{}")["webhook-signature"].split(" ")
    assert both == [signing.signature(key, "msg_1", 1, "{}") for key in keys]
    assert both[0] != both[1]
