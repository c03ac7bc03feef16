// Judges lines of tests/oracles/cases.cpp with fido2-lib.
import { createPublicKey } from "node:crypto";
import { Fido2Lib } from "fido2-lib";
import { decode } from "cbor-x";
import { judge, pageAnswer, bytes } from "./lines.mjs";

const exact = (array) => array.buffer.slice(array.byteOffset, array.byteOffset + array.byteLength);
const base64url = (part) => Buffer.from(part).toString("base64url");

/// The library wants a key as PEM.
const pem = (coseKey) => {
  const cose = decode(Buffer.from(coseKey, "base64url"));
  const label = (number) => (cose instanceof Map ? cose.get(number) : cose[number]);
  const curves = { 1: "P-256", 2: "P-384", 3: "P-521", 6: "Ed25519", 7: "Ed448" };
  const jwk = { kty: { 1: "OKP", 2: "EC", 3: "RSA" }[label(1)] };
  if (jwk.kty === "RSA") Object.assign(jwk, { n: base64url(label(-1)), e: base64url(label(-2)) });
  else Object.assign(jwk, { crv: curves[label(-1)], x: base64url(label(-2)) }, label(-3) && { y: base64url(label(-3)) });
  return createPublicKey({ key: jwk, format: "jwk" }).export({ type: "spki", format: "pem" });
};

await judge(async (c) => {
  const answer = pageAnswer(c);
  const id = exact(bytes(answer.id));
  const message = { ...answer, id, rawId: id };
  const common = { rpId: c.rp_id, challenge: c.challenge, origin: c.origin, factor: c.user_verification === "required" ? "first" : "either" };
  const lib = new Fido2Lib({ rpId: c.rp_id });
  if (c.kind === "registration") {
    await lib.attestationResult(message, common);
    return true;
  }
  message.response.authenticatorData = exact(bytes(answer.response.authenticatorData));
  const userHandle = answer.response.userHandle ?? null;
  await lib.assertionResult(message, { ...common, publicKey: pem(c.credential.public_key), prevCounter: c.credential.sign_count, userHandle });
  return true;
});
