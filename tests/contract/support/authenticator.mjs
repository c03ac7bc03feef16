// A passkey in software, and the browser in front of it: answers options of WebAuthn as @simplewebauthn/browser sends
// the answer. What `changes` names is done otherwise than an honest one does it.
import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";

const sha256 = (bytes) => createHash("sha256").update(bytes).digest();
const base64url = (bytes) => Buffer.from(bytes).toString("base64url");

/// CBOR for what an attestation object has: integers, bytes, texts, lists, maps.
const cbor = (value) => {
  const head = (major, n) => (n < 24 ? Buffer.from([(major << 5) | n]) : n < 256 ? Buffer.from([(major << 5) | 24, n]) : Buffer.from([(major << 5) | 25, n >> 8, n & 255]));
  if (typeof value === "number") return value >= 0 ? head(0, value) : head(1, -1 - value);
  if (typeof value === "string") return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  if (Array.isArray(value)) return Buffer.concat([head(4, value.length), ...value.map(cbor)]);
  return Buffer.concat([head(5, value.size), ...[...value].flatMap(([key, item]) => [cbor(key), cbor(item)])]);
};

export class Authenticator {
  /// `algorithm`: ES256, EdDSA or RS256.
  constructor(origin, algorithm = "ES256") {
    this.origin = origin;
    this.rpId = new URL(origin).hostname;
    this.algorithm = algorithm;
    this.id = randomBytes(32);
    this.count = 0;
    const kinds = { ES256: ["ec", { namedCurve: "P-256" }], EdDSA: ["ed25519", {}], RS256: ["rsa", { modulusLength: 2048 }] };
    ({ publicKey: this.publicKey, privateKey: this.privateKey } = generateKeyPairSync(...kinds[algorithm]));
  }

  coseKey() {
    const jwk = this.publicKey.export({ format: "jwk" });
    const part = (name) => Buffer.from(jwk[name], "base64url");
    if (this.algorithm === "ES256") return cbor(new Map([[1, 2], [3, -7], [-1, 1], [-2, part("x")], [-3, part("y")]]));
    if (this.algorithm === "EdDSA") return cbor(new Map([[1, 1], [3, -8], [-1, 6], [-2, part("x")]]));
    return cbor(new Map([[1, 3], [3, -257], [-1, part("n")], [-2, part("e")]]));
  }

  clientData(type, challenge, changes) {
    return Buffer.from(JSON.stringify({ type, challenge: changes.challenge ?? challenge, origin: changes.origin ?? this.origin, crossOrigin: false }));
  }

  /// UP 1, UV 4, BE 8, BS 16, AT 64.
  authenticatorData(flags, rest, changes) {
    const count = Buffer.alloc(4);
    count.writeUInt32BE(changes.count ?? this.count);
    return Buffer.concat([sha256(changes.rpId ?? this.rpId), Buffer.from([flags]), count, rest]);
  }

  create(options, changes = {}) {
    this.userHandle = options.user.id;
    const length = Buffer.from([this.id.length >> 8, this.id.length & 255]);
    const credential = Buffer.concat([this.model?.aaguid ?? Buffer.alloc(16), length, this.id, this.coseKey()]);
    const authData = this.authenticatorData((changes.flags ?? 5) | 64, credential, changes);
    const clientData = this.clientData("webauthn.create", options.challenge, changes);
    const attestationObject = cbor(new Map([...this.statement(Buffer.concat([authData, sha256(clientData)])), ["authData", authData]]));
    return this.answer({ clientDataJSON: base64url(clientData), attestationObject: base64url(attestationObject), transports: ["internal", "hybrid"] });
  }

  /// "packed", by the maker's certificate, if the device is of a `model`: { aaguid, certificate, key }, the last two in DER
  /// and as a private key of P-256. Else the device says nothing of itself.
  statement(signed) {
    if (!this.model) return [["fmt", "none"], ["attStmt", new Map()]];
    const { certificate, key } = this.model;
    return [["fmt", "packed"], ["attStmt", new Map([["alg", -7], ["sig", sign("sha256", signed, key)], ["x5c", [certificate]]])]];
  }

  get(options, changes = {}) {
    const clientData = this.clientData("webauthn.get", options.challenge, changes);
    const authData = this.authenticatorData(changes.flags ?? 5, Buffer.alloc(0), changes);
    const signature = sign(this.algorithm === "EdDSA" ? null : "sha256", Buffer.concat([authData, sha256(clientData)]), this.privateKey);
    if (changes.forged) signature[signature.length - 1] ^= 1;
    return this.answer({ clientDataJSON: base64url(clientData), authenticatorData: base64url(authData), signature: base64url(signature), userHandle: this.userHandle });
  }

  answer(response) {
    const id = base64url(this.id);
    return { id, rawId: id, type: "public-key", authenticatorAttachment: "platform", clientExtensionResults: {}, response };
  }
}
