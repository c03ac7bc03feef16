// Plain HTTP/1.1: one request, one answer; and bytes as they are for what no proper client would send.
import { Agent, request as httpRequest } from "node:http";
import { Agent as TlsAgent, request as httpsRequest } from "node:https";
import { connect } from "node:net";

const agent = new Agent({ keepAlive: true, maxSockets: 32 });
const tlsAgent = new TlsAgent({ keepAlive: true, maxSockets: 32, rejectUnauthorized: false });

/// A header whose value is an array comes once for each.
export const exchange = (url, { method = "GET", path, headers = {}, body } = {}) =>
  new Promise((resolve, reject) => {
    const { hostname, port, protocol } = new URL(url);
    const [send, through] = protocol === "https:" ? [httpsRequest, tlsAgent] : [httpRequest, agent];
    const bytes = body === undefined ? undefined : Buffer.from(body);
    const list = Object.entries(headers).flatMap(([name, value]) => [value].flat().flatMap((one) => [name, one]));
    if (headers.Host === undefined) list.push("Host", `${hostname}:${port}`);
    if (bytes !== undefined) list.push("Content-Length", String(bytes.length));
    const outgoing = send({ agent: through, hostname, port, method, path, headers: list, setHost: false }, (incoming) => {
      const parts = [];
      incoming.on("data", (part) => parts.push(part));
      incoming.on("error", reject);
      incoming.on("end", () => resolve(answer(incoming.statusCode, incoming.headers, Buffer.concat(parts).toString("utf8"))));
    });
    outgoing.on("error", reject);
    outgoing.end(bytes);
  });

/// A connection for bytes as they are (Latin-1). answer() is the next response; it rejects when the server closes first.
export class Wire {
  constructor(port) {
    this.received = Buffer.alloc(0);
    this.ended = false;
    this.socket = connect({ port, host: "127.0.0.1" });
    this.socket.on("data", (data) => this.#take(data));
    for (const event of ["end", "error", "close"]) this.socket.on(event, () => this.#take(null));
  }

  send(text) {
    this.socket.write(Buffer.from(text, "latin1"));
    return this;
  }

  answer() {
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
      this.#look();
    });
  }

  /// True once the server has closed its side.
  closed() {
    return new Promise((resolve) => {
      if (this.ended) resolve(true);
      else this.socket.once("close", () => resolve(true));
    });
  }

  close() {
    this.socket.destroy();
  }

  #take(data) {
    if (data === null) this.ended = true;
    else this.received = Buffer.concat([this.received, data]);
    this.#look();
  }

  #look() {
    if (!this.waiting) return;
    const headEnd = this.received.indexOf("\r\n\r\n");
    const head = headEnd < 0 ? undefined : this.received.subarray(0, headEnd).toString("latin1");
    const length = Number(/^content-length: (\d+)$/im.exec(head ?? "")?.[1] ?? 0);
    if (head !== undefined && this.received.length >= headEnd + 4 + length) {
      const [statusLine, ...lines] = head.split("\r\n");
      const fields = lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]);
      const text = this.received.subarray(headEnd + 4, headEnd + 4 + length).toString("utf8");
      this.received = this.received.subarray(headEnd + 4 + length);
      this.waiting.resolve(answer(Number(statusLine.split(" ")[1]), Object.fromEntries(fields), text));
      this.waiting = undefined;
    } else if (this.ended) {
      this.waiting.reject(new Error("the server closed without an answer"));
      this.waiting = undefined;
    }
  }
}

const answer = (status, headers, text) => ({
  status,
  headers,
  text,
  get json() {
    return JSON.parse(text);
  },
});
