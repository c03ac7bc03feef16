"""Judges lines of tests/oracles/cases.cpp with fido2: Debian's python3-fido2 (0.9), or the newest of PyPI."""

import base64
import json
import sys
from importlib import metadata

from fido2 import cbor
from fido2.server import Fido2Server
from fido2.webauthn import PublicKeyCredentialRpEntity

NEW = not metadata.version("fido2").startswith("0.")


def unbase64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def answer_of(one):
    response = dict(one["response"])
    identity = response.pop("id", None) or one.get("credential", {}).get("id") or one["registration_id"]
    extensions = response.pop("clientExtensionResults", {})
    return {"type": "public-key", "id": identity, "rawId": identity, "clientExtensionResults": extensions, "response": response}


def verifier_of(anchors):
    """What Fido2Server calls to check a statement, where it was told to: the library's own parts, and our roots."""
    from cryptography import x509
    from fido2.attestation import Attestation, UntrustedAttestation, verify_x509_chain

    roots = [unbase64(anchor) for anchor in anchors]

    def verify(attested, client_data_hash):
        result = Attestation.for_type(attested.fmt)().verify(attested.att_stmt, attested.auth_data, client_data_hash)
        if not result.trust_path or not roots:
            return
        issuer = x509.load_der_x509_certificate(result.trust_path[-1]).issuer
        fitting = [root for root in roots if x509.load_der_x509_certificate(root).subject == issuer]
        if not fitting:
            raise UntrustedAttestation("No root found for Authenticator")
        verify_x509_chain(result.trust_path + fitting[:1])

    return verify


def judge_new(one):
    from fido2.cose import CoseKey
    from fido2.webauthn import AttestedCredentialData, UserVerificationRequirement

    server = Fido2Server(
        PublicKeyCredentialRpEntity(id=one["rp_id"], name="Example"),
        attestation="direct",
        verify_origin=lambda origin: origin == one["origin"],
        verify_attestation=verifier_of(one.get("options", {}).get("trust_anchors", [])),
    )
    state = {"challenge": one["challenge"], "user_verification": UserVerificationRequirement(one["user_verification"])}
    if one["kind"] == "registration":
        server.register_complete(state, answer_of(one))
        return
    stored = one["credential"]
    key = CoseKey.parse(cbor.decode(unbase64(stored["public_key"])))
    known = AttestedCredentialData.create(bytes(16), unbase64(stored.get("id") or answer_of(one)["id"]), key)
    server.authenticate_complete(state, [known], answer_of(one))


def judge_old(one):
    from fido2.client import ClientData
    from fido2.cose import CoseKey
    from fido2.ctap2 import AttestationObject, AttestedCredentialData, AuthenticatorData

    server = Fido2Server(PublicKeyCredentialRpEntity(one["rp_id"], "Example"), verify_origin=lambda origin: origin == one["origin"])
    state = {"challenge": one["challenge"], "user_verification": one["user_verification"]}
    response = one["response"]
    client = ClientData(unbase64(response["clientDataJSON"]))
    if one["kind"] == "registration":
        server.register_complete(state, client, AttestationObject(unbase64(response["attestationObject"])))
        return
    stored = one["credential"]
    key = CoseKey.parse(cbor.decode(unbase64(stored["public_key"])))
    identity = unbase64(answer_of(one)["id"])
    known = AttestedCredentialData.create(bytes(16), unbase64(stored.get("id") or answer_of(one)["id"]), key)
    data = AuthenticatorData(unbase64(response["authenticatorData"]))
    server.authenticate_complete(state, [known], identity, client, data, unbase64(response["signature"]))


for line in sys.stdin:
    case = json.loads(line)
    said = {"name": case["name"], "ok": True}
    try:
        (judge_new if NEW else judge_old)(case)
    except Exception as error:  # Each library has its own; any is a refusal.
        said = {"name": case["name"], "ok": False, "why": f"{type(error).__name__}: {error}"[:200]}
    print(json.dumps(said), flush=True)
