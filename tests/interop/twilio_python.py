"""Debian's twilio package, unmodified, against a started server. Arguments: URL, account SID, auth token, service SID.

Prints one line for each thing that was shown; the test that starts it reads them. Exits with 1 at the first surprise.
"""

import json
import sys
import time
import urllib.parse
import urllib.request

from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

URL, ACCOUNT, TOKEN, SERVICE = sys.argv[1:5]
PHONE = "+5511974300"


def expect(what, got, wanted):
    if got != wanted:
        print(f"{what}: {got!r}, not {wanted!r}", file=sys.stderr)
        sys.exit(1)


def refused(what, status, code, call):
    try:
        call()
    except TwilioRestException as error:
        expect(what, (error.status, error.code), (status, code))
        return
    print(f"{what}: was not refused", file=sys.stderr)
    sys.exit(1)


def code_for(to):
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with urllib.request.urlopen(f"{URL}/dev/inbox.json?to={urllib.parse.quote(to)}") as answer:
            messages = json.load(answer)
        if messages:
            return messages[0]["code"]
    print("no message came", file=sys.stderr)
    sys.exit(1)


client = Client(ACCOUNT, TOKEN)
client.verify.base_url = URL
service = client.verify.v2.services(SERVICE)


def core_pair():
    to = PHONE + "001"
    sent = service.verifications.create(to=to, channel="sms", rate_limits={"ip": "203.0.113.7"})
    expect("status", sent.status, "pending")
    expect("date", type(sent.date_created).__name__, "datetime")
    code = code_for(to)
    wrong = "".join(str((int(digit) + 5) % 10) for digit in code)
    expect("wrong", service.verification_checks.create(to=to, code=wrong).status, "pending")
    expect("fetched", service.verifications(to).fetch().sid, sent.sid)
    expect("right", service.verification_checks.create(verification_sid=sent.sid, code=code).status, "approved")
    refused("again", 404, 20404, lambda: service.verification_checks.create(to=to, code=code))
    other = service.verifications.create(to="a+b@example.com", channel="email")
    expect("by address", service.verifications("a+b@example.com").fetch().sid, other.sid)
    expect("canceled", service.verifications(other.sid).update(status="canceled").status, "canceled")
    refused("parameter", 400, 60200, lambda: service.verifications.create(to="1", channel="sms"))


def services():
    made = client.verify.v2.services.create(friendly_name="My App", lookup_enabled=True, totp_issuer="Acme")
    expect("boolean", made.lookup_enabled, True)
    expect("issuer", made.totp["issuer"], "Acme")
    expect("pages", len(client.verify.v2.services.list(page_size=1)), 2)
    expect("update", client.verify.v2.services(made.sid).update(code_length=4).code_length, 4)
    expect("delete", client.verify.v2.services(made.sid).delete(), True)
    refused("deleted", 404, 20404, lambda: client.verify.v2.services(made.sid).fetch())


def rate_limits():
    limit = service.rate_limits.create(unique_name="who", description="d")
    bucket = service.rate_limits(limit.sid).buckets.create(max=1, interval=60)
    service.verifications.create(to=PHONE + "002", channel="sms", rate_limits={"who": "me"})
    again = lambda: service.verifications.create(to=PHONE + "003", channel="sms", rate_limits={"who": "me"})
    refused("limited", 429, 20429, again)
    expect("bucket", service.rate_limits(limit.sid).buckets(bucket.sid).fetch().max, 1)
    expect("deleted", service.rate_limits(limit.sid).delete(), True)


def attempts():
    all = client.verify.v2.verification_attempts.list(page_size=2)
    expect("attempts", [one.conversion_status for one in all].count("converted"), 1)
    expect("all of them", len(all), 3)
    expect("one", client.verify.v2.verification_attempts(all[0].sid).fetch().verification_sid, all[0].verification_sid)
    expect("templates", client.verify.v2.templates.list()[0].friendly_name, "Countersign default")


def authenticator():
    import pyotp

    identity = "0123456789abcdef"
    created = service.entities(identity).new_factors.create(friendly_name="phone", factor_type="totp")
    app = pyotp.parse_uri(created.binding["uri"])
    factors, challenges = service.entities(identity).factors, service.entities(identity).challenges
    expect("verified", factors(created.sid).update(auth_payload=app.now()).status, "verified")
    later = app.at(int(time.time()) + 30)
    expect("approved", challenges.create(factor_sid=created.sid, auth_payload=later).status, "approved")
    expect("listed", [one.sid for one in factors.list()], [created.sid])
    expect("entity", service.entities.list()[0].identity, identity)
    expect("deleted", service.entities(identity).delete(), True)


def others():
    hook = service.webhooks.create(friendly_name="h", event_types=["*"], webhook_url="https://example.com/h")
    expect("hook", service.webhooks(hook.sid).update(status="disabled").status, "disabled")
    expect("hook deleted", service.webhooks(hook.sid).delete(), True)
    expect("form", client.verify.v2.forms("form-push").fetch().form_type, "form-push")
    country = service.messaging_configurations.create(country="CA", messaging_service_sid="MG" + "a" * 32)
    expect("country", country.country, "CA")
    expect("country deleted", service.messaging_configurations("CA").delete(), True)


for show in (core_pair, services, rate_limits, attempts, authenticator, others):
    show()
    print(show.__name__, flush=True)
