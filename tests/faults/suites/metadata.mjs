// FIDO's metadata of authenticators, as an operator renews it: by a file and SIGHUP. A file that is no newer one changes nothing.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createPrivateKey, sign } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Authenticator } from "../../contract/support/authenticator.mjs";
import { eventually } from "../../contract/support/client.mjs";
import { Installation } from "../support/installation.mjs";

const site = "https://verify.example.com";
const aaguid = "2fc0579f-8113-47ea-b116-bb5a8db9202a";
const aaguidHex = aaguid.replaceAll("-", "");
const config = `
[[services]]
name = "default"
channels = {sms = "inbox"}

[services.webauthn]
attestation = "trusted"
metadata = "blob.jwt"
metadata_root = "service-root.pem"
`;

/// The service that signs the metadata and a maker of authenticators, each with a root, in the installation's folder.
class Fido {
  constructor(folder) {
    this.folder = folder;
    this.#root("service-root");
    this.#issued("service", "service-root", "/CN=mds.fidoalliance.org", ["subjectAltName=DNS:mds.fidoalliance.org", "keyUsage=digitalSignature"]);
    this.#root("maker-root");
    this.#issued("maker", "maker-root", "/C=US/O=Maker/OU=Authenticator Attestation/CN=Key One", [`1.3.6.1.4.1.45724.1.1.4=DER:0410${aaguidHex}`]);
  }

  #openssl(...words) {
    const done = spawnSync("/usr/bin/openssl", words, { cwd: this.folder, encoding: "utf8" });
    assert.equal(done.status, 0, done.stderr);
  }
  #root(name) {
    this.#openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", `${name}.key`, "-out", `${name}.pem`,
      "-subj", `/CN=${name}`, "-days", "3650", "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign");
  }
  #issued(name, root, subject, extensions) {
    writeFileSync(join(this.folder, `${name}.ext`), ["basicConstraints=critical,CA:FALSE", ...extensions].join("\n"));
    this.#openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", subject);
    this.#openssl("x509", "-req", "-in", `${name}.csr`, "-CA", `${root}.pem`, "-CAkey", `${root}.key`, "-CAcreateserial", "-days", "3650", "-extfile", `${name}.ext`, "-out", `${name}.pem`);
  }
  der(name) {
    return Buffer.from(readFileSync(join(this.folder, `${name}.pem`), "utf8").replace(/-----[^-]+-----|\s/g, ""), "base64");
  }
  key(name) {
    return createPrivateKey(readFileSync(join(this.folder, `${name}.key`)));
  }

  /// Puts the metadata of that number into its place.
  publish(number, status, { signer = "service" } = {}) {
    const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const signed = [
      part({ alg: "ES256", typ: "JWT", x5c: [this.der(signer).toString("base64")] }),
      part({ legalHeader: "", no: number, nextUpdate: "2099-01-01", entries: [{
        aaguid, timeOfLastStatusChange: "2026-01-01", statusReports: [{ status, effectiveDate: "2026-01-01" }],
        metadataStatement: { description: "Key One", attestationRootCertificates: [this.der("maker-root").toString("base64")] },
      }] }),
    ].join(".");
    const signature = sign("sha256", Buffer.from(signed), { key: this.key(signer), dsaEncoding: "ieee-p1363" }).toString("base64url");
    writeFileSync(join(this.folder, "blob.jwt"), `${signed}.${signature}`);
  }
}

export const metadata = () =>
  test("metadata of authenticators is renewed by SIGHUP, and what it says against a model goes for passkeys that exist", { timeout: 900_000 }, async () => {
    const installation = new Installation("metadata", undefined, config);
    try {
      const fido = new Fido(installation.data);
      fido.publish(7, "FIDO_CERTIFIED_L1");
      const node = await installation.node({ environment: { COUNTERSIGN_PUBLIC_URL: site } });
      const reload = async (event, why = /./) => {
        const before = node.log.length;
        node.process.kill("SIGHUP");
        const line = await eventually(event, async () => node.log.slice(before).split("\n").find((text) => text.includes(`"${event}"`)));
        assert.match(line, why);
      };
      const enrol = async (identity) => {
        const device = new Authenticator(site);
        device.model = { aaguid: Buffer.from(aaguidHex, "hex"), certificate: fido.der("maker"), key: fido.key("maker") };
        const made = (await node.call("POST", `/v1/subjects/${identity}/factors`, { type: "webauthn" })).json;
        const { status, json } = await node.call("POST", `/v1/subjects/${identity}/factors/${made.id}/confirm`, { response: device.create(made.options) });
        return { device, status, json };
      };
      const hold = async () =>
        (await node.call("POST", "/v1/transactions", { type: "payout", subject: { identity: "ana" }, display: { title: "Payout" }, payload: {}, policy: { any_of: ["webauthn"] } })).json.id;
      const ask = async (id) => node.call("POST", `/v1/transactions/${id}/challenges`, { method: "webauthn" });
      const answer = async (id, { device }, { json }) => node.call("POST", `/v1/transactions/${id}/checks`, { method: "webauthn", response: device.get(json.options) });

      const ana = await enrol("ana");
      assert.equal(ana.status, 200, JSON.stringify(ana.json));
      let id = await hold();
      assert.equal((await answer(id, ana, await ask(id))).status, 200);

      // What is no newer one stays out, and what is in use stays.
      fido.publish(6, "REVOKED");
      await reload("reload_failed", /older than the one in use/);
      fido.publish(8, "REVOKED", { signer: "maker" });
      await reload("reload_failed", /metadata in use stays/);
      writeFileSync(join(installation.data, "blob.jwt"), "not there yet");
      await reload("reload_failed", /no metadata of FIDO/);
      assert.equal((await enrol("before")).status, 200);
      id = await hold();
      const asked = await ask(id);
      assert.equal(asked.status, 201);

      fido.publish(8, "REVOKED");
      await reload("reloaded");
      assert.equal((await enrol("after")).json.code, "wrong_response");
      assert.equal((await answer(id, ana, asked)).json.code, "wrong_response", "asked before, answered after");
      assert.equal((await ask(id)).json.code, "factor_unusable");

      fido.publish(9, "FIDO_CERTIFIED_L1");
      await reload("reloaded");
      assert.equal((await answer(id, ana, await ask(id))).status, 200);
    } finally {
      await installation.remove();
    }
  });
