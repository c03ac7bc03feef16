"""The SDK for Python, driven line by line; tests/sdks/driver.mjs says how. Arguments: URL, user, password."""

import datetime
import json
import sys

from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from twilio.rest.verify.v2.service.new_factor import NewFactorList

URL, USER, PASSWORD = sys.argv[1:4]
CLIENTS = {}


def client_of(user, password):
    """One for each who asks. The account is that of the first, also where an API key asks."""
    if (user, password) not in CLIENTS:
        client = Client(user, password, USER)
        client.verify.base_url = URL
        CLIENTS[user, password] = client
    return CLIENTS[user, password]


def shown(value):
    """What the SDK made of an answer, by the names of the description."""
    if isinstance(value, (list, tuple)):
        return [shown(one) for one in value]
    if isinstance(value, datetime.datetime):
        return value.timestamp()
    if value is None or isinstance(value, (bool, int, float, str, dict)):
        return value
    return {name: shown(one) for name, one in vars(value).items() if not name.startswith("_")}


def passkey(v2, a):
    request = NewFactorList.CreateNewPasskeysFactorRequest({"friendly_name": a["friendly_name"], "identity": a["identity"], "config": None})
    return v2.services(a["service"]).new_factors.create(request)


def service(v2, a):
    return v2.services(a.pop("service"))


def entity(v2, a):
    return service(v2, a).entities(a.pop("identity"))


def factor(v2, a):
    return entity(v2, a).factors(a.pop("factor"))


def challenge(v2, a):
    return entity(v2, a).challenges(a.pop("challenge"))


def challenges_create(v2, a):
    return entity(v2, a).challenges.create(factor_sid=a.pop("factor"), **a)


# Each takes its own words out of the parameters; what is left is said by name.
CALLS = {
    "services.create": lambda v2, a: v2.services.create(**a),
    "services.fetch": lambda v2, a: service(v2, a).fetch(),
    "services.update": lambda v2, a: service(v2, a).update(**a),
    "services.delete": lambda v2, a: service(v2, a).delete(),
    "services.list": lambda v2, a: v2.services.list(**a),
    "verifications.create": lambda v2, a: service(v2, a).verifications.create(**a),
    "verifications.fetch": lambda v2, a: service(v2, a).verifications(a["sid"]).fetch(),
    "verifications.update": lambda v2, a: service(v2, a).verifications(a.pop("sid")).update(**a),
    "checks.create": lambda v2, a: service(v2, a).verification_checks.create(**a),
    "attempts.list": lambda v2, a: v2.verification_attempts.list(**a),
    "attempts.fetch": lambda v2, a: v2.verification_attempts(a["sid"]).fetch(),
    "templates.list": lambda v2, a: v2.templates.list(**a),
    "rate_limits.create": lambda v2, a: service(v2, a).rate_limits.create(**a),
    "rate_limits.list": lambda v2, a: service(v2, a).rate_limits.list(),
    "rate_limits.delete": lambda v2, a: service(v2, a).rate_limits(a["limit"]).delete(),
    "buckets.create": lambda v2, a: service(v2, a).rate_limits(a.pop("limit")).buckets.create(**a),
    "messaging.create": lambda v2, a: service(v2, a).messaging_configurations.create(**a),
    "messaging.fetch": lambda v2, a: service(v2, a).messaging_configurations(a["country"]).fetch(),
    "messaging.delete": lambda v2, a: service(v2, a).messaging_configurations(a["country"]).delete(),
    "webhooks.create": lambda v2, a: service(v2, a).webhooks.create(**a),
    "webhooks.delete": lambda v2, a: service(v2, a).webhooks(a["sid"]).delete(),
    "entities.create": lambda v2, a: service(v2, a).entities.create(**a),
    "entities.fetch": lambda v2, a: entity(v2, a).fetch(),
    "entities.delete": lambda v2, a: entity(v2, a).delete(),
    "new_factors.create": lambda v2, a: entity(v2, a).new_factors.create(**a),
    "factors.fetch": lambda v2, a: factor(v2, a).fetch(),
    "factors.update": lambda v2, a: factor(v2, a).update(**a),
    "factors.list": lambda v2, a: entity(v2, a).factors.list(),
    "factors.delete": lambda v2, a: factor(v2, a).delete(),
    "challenges.create": challenges_create,
    "challenges.fetch": lambda v2, a: challenge(v2, a).fetch(),
    "challenges.update": lambda v2, a: challenge(v2, a).update(**a),
    "challenges.list": lambda v2, a: entity(v2, a).challenges.list(**a),
    "notifications.create": lambda v2, a: challenge(v2, a).notifications.create(),
    "access_tokens.create": lambda v2, a: service(v2, a).access_tokens.create(**a),
    "access_tokens.fetch": lambda v2, a: service(v2, a).access_tokens(a["sid"]).fetch(),
    "passkeys.create": passkey,
    "signature": lambda v2, a: RequestValidator(a["token"]).validate(a["url"], a["params"], a["signature"]),
}


def answer(said):
    v2 = client_of(said.pop("user", USER), said.pop("password", PASSWORD)).verify.v2
    try:
        return {"ok": shown(CALLS[said.pop("call")](v2, said))}
    except TwilioRestException as error:
        return {"refused": {"class": type(error).__name__, "status": error.status, "code": error.code, "message": error.msg}}
    except TwilioException as error:  # What a list that cannot be fetched raises: a text, and the answer.
        if len(error.args) != 2:
            return {"broke": repr(error)}
        told = json.loads(error.args[1].text)
        return {"refused": {**told, "class": type(error).__name__, "status": error.args[1].status_code}}
    except Exception as error:  # Whatever it is, the test shows it.
        return {"broke": repr(error)}


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
