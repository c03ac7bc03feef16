// Judges lines of tests/oracles/cases.cpp with @simplewebauthn/server.
import { verifyRegistrationResponse, verifyAuthenticationResponse, SettingsService } from "@simplewebauthn/server";
import { judge, pageAnswer, bytes } from "./lines.mjs";

const formats = ["android-key", "android-safetynet", "apple", "fido-u2f", "packed", "tpm", "mds"];
const pem = (der) => `-----BEGIN CERTIFICATE-----\n${Buffer.from(der, "base64url").toString("base64").match(/.{1,64}/g).join("\n")}\n-----END CERTIFICATE-----`;

await judge(async (c) => {
  const options = c.options ?? {};
  const common = {
    response: pageAnswer(c),
    expectedChallenge: c.challenge,
    expectedOrigin: c.origin,
    expectedRPID: c.rp_id,
    requireUserVerification: c.user_verification === "required",
  };
  if (c.kind === "registration") {
    for (const identifier of formats) SettingsService.setRootCertificates({ identifier, certificates: (options.trust_anchors ?? []).map(pem) });
    const supportedAlgorithmIDs = options.allowed_algs ?? [-7, -8, -35, -36, -53, -257];
    const { verified } = await verifyRegistrationResponse({ ...common, supportedAlgorithmIDs, requireUserPresence: options.mediation !== "conditional" });
    return verified;
  }
  const credential = { id: c.credential.id ?? "AA", publicKey: bytes(c.credential.public_key), counter: c.credential.sign_count };
  return (await verifyAuthenticationResponse({ ...common, credential })).verified;
});
