"""A real mail server (aiosmtpd) on loopback: TLS is required, then a password. Prints a line of JSON for each mail, as
Python's own parser reads it. Arguments: port, certificate, key, whether TLS is implicit, whether
SMTPUTF8 is offered."""
import email, email.policy, json, signal, ssl, sys
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

port, certificate, key, implicit = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4] == "implicit"
tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
tls.load_cert_chain(certificate, key)


def judge(server, session, envelope, mechanism, data):
    return AuthResult(success=(data.login, data.password) == (b"cs", b"s3cret"), handled=False)


class Mailbox:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody"):
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        part = lambda kind: body.get_content() if (body := mail.get_body((kind,))) else None
        print(json.dumps({
            "from": envelope.mail_from, "to": envelope.rcpt_tos, "tls": server.transport.get_extra_info("ssl_object") is not None, "helo": session.host_name,
            "headers": {name.lower(): str(value) for name, value in mail.items()},
            "defects": [str(defect) for p in mail.walk() for defect in p.defects],
            "text": part("plain"), "html": part("html"), "raw": envelope.content.decode("latin-1"), "smtputf8": envelope.smtp_utf8,
        }), flush=True)
        return "250 2.0.0 queued"


arguments = dict(auth_required=True, authenticator=judge, enable_SMTPUTF8=sys.argv[5] == "utf8")
if implicit:
    arguments |= dict(ssl_context=tls, auth_require_tls=False)
else:
    arguments |= dict(tls_context=tls, require_starttls=True)
controller = Controller(Mailbox(), "127.0.0.1", port, **arguments)
controller.start()
print("listening", flush=True)
signal.pause()
