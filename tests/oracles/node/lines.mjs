// Lines in, verdicts out: {"name", "ok", "why"}.
import { createInterface } from "node:readline";

export const bytes = (text) => new Uint8Array(Buffer.from(text, "base64url"));

/// What a page would send: PublicKeyCredential.toJSON().
export const pageAnswer = ({ response, credential, registration_id }) => {
  const { id = credential?.id ?? registration_id ?? "AA", clientExtensionResults = {}, ...inner } = response;
  return { id, rawId: id, type: "public-key", clientExtensionResults, response: inner };
};

export const judge = async (verdictOn) => {
  for await (const line of createInterface({ input: process.stdin })) {
    const one = JSON.parse(line);
    const said = { name: one.name };
    try {
      said.ok = (await verdictOn(one)) === true;
    } catch (error) {
      said.ok = false;
      said.why = String(error?.message ?? error).slice(0, 200);
    }
    console.log(JSON.stringify(said));
  }
};
