"""Debian's twilio package, unmodified, against a started server. Arguments: URL, account SID, auth token, service SID.

Prints one line for each thing that was shown; the test that starts it reads them. Exits with 1 at the first surprise.
"""

import http.server
import json
import sys
import threading
import time
import urllib.parse
import urllib.request

from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.request_validator import RequestValidator
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
    except TwilioException as error:  # What a list that cannot be fetched raises.
        response = error.args[1]
        expect(what, (response.status_code, json.loads(response.text)["code"]), (status, code))
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
    expect("fetched", client.verify.v2.services(made.sid).fetch().friendly_name, "My App")
    expect("pages", len(client.verify.v2.services.list(page_size=1)), 2)
    expect("update", client.verify.v2.services(made.sid).update(code_length=8).code_length, 8)
    expect("delete", client.verify.v2.services(made.sid).delete(), True)
    refused("deleted", 404, 20404, lambda: client.verify.v2.services(made.sid).fetch())


def rate_limits():
    limit = service.rate_limits.create(unique_name="who", description="d")
    bucket = service.rate_limits(limit.sid).buckets.create(max=1, interval=60)
    service.verifications.create(to=PHONE + "002", channel="sms", rate_limits={"who": "me"})
    again = lambda: service.verifications.create(to=PHONE + "003", channel="sms", rate_limits={"who": "me"})
    refused("limited", 429, 20429, again)
    expect("bucket", service.rate_limits(limit.sid).buckets(bucket.sid).fetch().max, 1)
    expect("more", service.rate_limits(limit.sid).buckets(bucket.sid).update(max=2).max, 2)
    expect("described", service.rate_limits(limit.sid).update(description="e").description, "e")
    expect("fetched", service.rate_limits(limit.sid).fetch().unique_name, "who")
    expect("limits", [one.sid for one in service.rate_limits.list(page_size=1)], [limit.sid])
    expect("buckets", [one.sid for one in service.rate_limits(limit.sid).buckets.list()], [bucket.sid])
    expect("bucket deleted", service.rate_limits(limit.sid).buckets(bucket.sid).delete(), True)
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
    expect("entity", service.entities.create(identity=identity).identity, identity)
    created = service.entities(identity).new_factors.create(friendly_name="phone", factor_type="totp")
    app = pyotp.parse_uri(created.binding["uri"])
    factors, challenges = service.entities(identity).factors, service.entities(identity).challenges
    expect("verified", factors(created.sid).update(auth_payload=app.now()).status, "verified")
    expect("fetched", factors(created.sid).fetch().friendly_name, "phone")
    asked = challenges.create(factor_sid=created.sid, details_message="Pay?", hidden_details={"ip": "203.0.113.7"})
    expect("asked", asked.status, "pending")
    expect("asked about", challenges(asked.sid).fetch().details["message"], "Pay?")
    later = app.at(int(time.time()) + 30)
    expect("approved", challenges(asked.sid).update(auth_payload=later).status, "approved")
    challenges.create(factor_sid=created.sid)
    expect("challenges", [one.status for one in challenges.list(page_size=1, order="desc")], ["pending", "approved"])
    expect("listed", [one.sid for one in factors.list()], [created.sid])
    expect("entities", service.entities.list()[0].identity, identity)
    expect("fetched entity", service.entities(identity).fetch().identity, identity)
    expect("factor deleted", factors(created.sid).delete(), True)
    expect("deleted", service.entities(identity).delete(), True)


class Receiver(http.server.BaseHTTPRequestHandler):
    """Keeps what it gets, with its signature."""

    got = []

    def do_POST(self):
        form = urllib.parse.parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.got.append((dict(form), self.headers["X-Twilio-Signature"]))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


def webhooks():
    receiver = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{receiver.server_port}/hooks?tenant=7"
    hook = service.webhooks.create(friendly_name="h", event_types=["factor.created"], webhook_url=url)
    service.entities("a-second-person").new_factors.create(friendly_name="caf\u00e9", factor_type="totp")
    deadline = time.monotonic() + 20
    while not Receiver.got and time.monotonic() < deadline:
        time.sleep(0.02)
    (form, signature), = Receiver.got
    expect("event", (form["type"], form["entity_identity"]), ("factor.created", "a-second-person"))
    expect("signed", RequestValidator(TOKEN).validate(url, form, signature), True)
    expect("not otherwise", RequestValidator(TOKEN).validate(url, {**form, "type": "x"}, signature), False)
    expect("not by another", RequestValidator("0" * 32).validate(url, form, signature), False)
    expect("hook", service.webhooks(hook.sid).update(status="disabled").status, "disabled")
    expect("fetched", service.webhooks(hook.sid).fetch().status, "disabled")
    expect("listed", [one.sid for one in service.webhooks.list(page_size=1)], [hook.sid])
    expect("hook deleted", service.webhooks(hook.sid).delete(), True)
    receiver.shutdown()


def others():
    expect("form", client.verify.v2.forms("form-push").fetch().form_type, "form-push")
    countries = service.messaging_configurations
    expect("country", countries.create(country="CA", messaging_service_sid="MG" + "a" * 32).country, "CA")
    expect("changed", countries("CA").update(messaging_service_sid="MG" + "b" * 32).messaging_service_sid, "MG" + "b" * 32)
    expect("fetched", countries("CA").fetch().country, "CA")
    expect("listed", [one.country for one in countries.list()], ["CA"])
    expect("country deleted", countries("CA").delete(), True)


def refusals():
    """Each operation once in vain."""
    identity, none = "a-second-person", lambda prefix: prefix + "0" * 31 + "1"
    v2, entity = client.verify.v2, service.entities(identity)
    limit, factor = service.rate_limits(none("RK")), entity.factors(none("YF"))
    challenge, hook = entity.challenges(none("YC")), service.webhooks(none("YW"))
    gone = v2.services(none("VA"))
    for what in (gone.fetch, gone.update, gone.delete, gone.rate_limits.list, gone.webhooks.list, gone.entities.list,
                 gone.messaging_configurations.list, limit.fetch, limit.update, limit.delete, limit.buckets.list,
                 limit.buckets(none("BL")).fetch, limit.buckets(none("BL")).update, limit.buckets(none("BL")).delete,
                 factor.fetch, factor.update, factor.delete, challenge.fetch, challenge.update, hook.fetch, hook.update,
                 hook.delete, v2.verification_attempts(none("VL")).fetch, v2.forms("form-other").fetch,
                 service.messaging_configurations("CA").fetch, service.messaging_configurations("CA").delete,
                 service.access_tokens(none("YK")).fetch, service.verifications(none("VE")).fetch,
                 service.entities("nobody-at-all").fetch, service.entities("nobody-at-all").delete,
                 service.entities("nobody-at-all").factors.list, service.entities("nobody-at-all").challenges.list):
        refused(what, 404, 20404, what)
    changed = lambda: service.messaging_configurations("CA").update(messaging_service_sid=none("MG"))
    refused("country", 404, 20404, changed)
    refused("update", 404, 20404, lambda: service.verifications(none("VE")).update(status="canceled"))
    refused("name", 400, 60200, lambda: v2.services.create(friendly_name="a/b"))
    refused("limit", 400, 60209, lambda: service.rate_limits.create(unique_name="a b"))
    refused("bucket", 404, 20404, lambda: limit.buckets.create(max=1, interval=1))
    refused("messaging", 400, 60200, lambda: service.messaging_configurations.create(country="ZZ", messaging_service_sid=none("MG")))
    refused("events", 400, 60306, lambda: service.webhooks.create(friendly_name="h", event_types=["x"], webhook_url="https://example.com/"))
    refused("again", 409, 60301, lambda: service.entities.create(identity=identity))
    refused("push", 400, 60306, lambda: entity.new_factors.create(friendly_name="p", factor_type="push"))
    refused("factor", 404, 20404, lambda: entity.challenges.create(factor_sid=none("YF")))
    refused("notification", 404, 20404, lambda: service.entities("nobody-at-all").challenges(none("YC")).notifications.create())
    refused("token", 400, 60305, lambda: service.access_tokens.create(identity=identity, factor_type="push", ttl=1))
    token = service.access_tokens.create(identity=identity, factor_type="push")
    expect("access token", service.access_tokens(token.sid).fetch().token, None)
    refused("check", 400, 60221, lambda: service.verification_checks.create(code="123456"))
    refused("channel", 400, 60200, lambda: v2.verification_attempts.list(channel="fax"))
    refused("page", 400, 60200, lambda: v2.services.list(page_size=1001))
    refused("templates", 400, 60200, lambda: list(v2.templates.page(page_token="zz")))


for show in (core_pair, services, rate_limits, attempts, authenticator, webhooks, others, refusals):
    show()
    print(show.__name__, flush=True)
