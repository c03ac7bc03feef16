// A folder with the keys and settings that the nodes of one installation share.
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { secretsFile } from "../../contract/support/server.mjs";
import { Node } from "./node.mjs";

/// The limits that a load would meet, far away, and rules of fraud that count it and refuse nothing.
const settings = '[limits]\nsends_per_account = "1000000 per 24h"\nsends_per_country = "1000000 per 24h"\n[risk]\npumping = "shadow"\n';

export class Installation {
  /// `secrets`: the text of a secrets file; fresh keys unless given. `config`: TOML behind the limits.
  constructor(name, secrets = secretsFile(), config = "") {
    this.data = mkdtempSync(join(tmpdir(), `countersign-${name}-`));
    writeFileSync(join(this.data, "countersign.toml"), settings + config);
    writeFileSync(join(this.data, "countersign.secrets.toml"), secrets, { mode: 0o600 });
    this.nodes = [];
  }

  /// Running. `store` is a URL; without one it is this folder's SQLite file.
  async node(settings = {}) {
    const { node, started } = await this.begin(settings);
    await started;
    return node;
  }

  /// The same at once; `started` says when it runs, or why it does not.
  /// With `ownSecrets` the node has a copy of the secrets file, `node.secrets`, as on a machine of its own.
  async begin({ store, environment, ownSecrets = false } = {}) {
    const options = ["--config", join(this.data, "countersign.toml"), ...(store ? ["--store", store] : [])];
    const folder = this.#folder(store);
    const secrets = join(ownSecrets ? mkdtempSync(join(this.data, "secrets-")) : this.data, "countersign.secrets.toml");
    if (ownSecrets) {
      copyFileSync(this.secrets, secrets);
      options.push("--secrets", secrets);
    }
    const node = await Node.at(folder, options, environment);
    node.secrets = secrets;
    this.nodes.push(node);
    const started = node.start();
    started.catch(() => undefined); // Whoever waits for it hears of it; nobody may have to.
    return { node, started };
  }

  /// Nodes on one database have folders of their own, and the first one's credentials.
  #folder(store) {
    const known = join(this.data, "dev-credentials.json");
    if (!store || !existsSync(known)) return this.data;
    const folder = mkdtempSync(join(this.data, "node-"));
    copyFileSync(known, join(folder, "dev-credentials.json"));
    return folder;
  }

  get secrets() {
    return join(this.data, "countersign.secrets.toml");
  }

  get database() {
    return join(this.data, "countersign.db");
  }

  async remove() {
    for (const node of this.nodes) {
      if (!node.ended) await node.kill();
    }
    rmSync(this.data, { recursive: true, force: true });
  }
}
