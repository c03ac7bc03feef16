// A double of the push service that Firefox speaks with (mozilla-services/autopush-rs): over a websocket a browser says
// "hello" and registers; what is posted to an endpoint goes to the browser as "notification", which it acknowledges with
// what became of it. The token of each post is verified by npm `jose`.
import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { npm } from "../../contract/npm.mjs";

const { importJWK, jwtVerify } = npm("jose");

/// What an acknowledgement says of a message (nsIPushErrorReporter).
export const kDelivered = 100;
export const kNotDecrypted = 101;

const frame = (text, opcode = 1) => {
  const body = Buffer.from(text);
  const head = body.length < 126 ? [0x80 | opcode, body.length] : [0x80 | opcode, 126, body.length >> 8, body.length & 255];
  return Buffer.concat([Buffer.from(head), body]);
};

/// The first frame of a client and how long it is; undefined: not all of it is here. Clients mask what they send.
const read = (bytes) => {
  if (bytes.length < 6) return undefined;
  const short = bytes[1] & 127;
  const [size, at] = short < 126 ? [short, 2] : [bytes.readUInt16BE(2), 4];
  assert.ok(short !== 127 && bytes[1] & 128, "a masked frame of at most 64 KiB");
  if (bytes.length < at + 4 + size) return undefined;
  const mask = bytes.subarray(at, at + 4);
  const body = Buffer.from(bytes.subarray(at + 4, at + 4 + size)).map((byte, i) => byte ^ mask[i % 4]);
  return { opcode: bytes[0] & 15, text: body.toString(), end: at + 4 + size };
};

export class Autopush {
  static async start() {
    const service = new Autopush();
    Object.assign(service, { channels: new Map(), acknowledged: new Map(), faults: [], versions: 0 });
    service.greeted = new Promise((resolve) => (service.greet = resolve));
    service.server = createServer((request, response) => {
      const parts = [];
      request.on("data", (part) => parts.push(part));
      request.on("end", () =>
        service.take(request, Buffer.concat(parts)).then(
          (status) => response.writeHead(status).end(),
          (error) => (service.faults.push(String(error)), response.writeHead(400).end()),
        ));
    });
    service.server.on("upgrade", (request, socket) => service.accept(request, socket));
    await new Promise((resolve) => service.server.listen(0, "127.0.0.1", resolve));
    service.port = service.server.address().port;
    service.url = `http://127.0.0.1:${service.port}`;
    return service;
  }

  accept(request, socket) {
    const key = createHash("sha1").update(`${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
    socket.write(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
        `Sec-WebSocket-Accept: ${key}\r\nSec-WebSocket-Protocol: ${request.headers["sec-websocket-protocol"]}\r\n\r\n`,
    );
    let bytes = Buffer.alloc(0);
    socket.on("error", () => undefined);
    socket.on("data", (part) => {
      bytes = Buffer.concat([bytes, part]);
      for (let one; (one = read(bytes)); ) {
        bytes = bytes.subarray(one.end);
        if (one.opcode === 1) this.hear(JSON.parse(one.text), socket);
        if (one.opcode === 9) socket.write(frame(one.text, 10));
      }
    });
  }

  hear(message, socket) {
    const say = (answer) => socket.write(frame(JSON.stringify(answer)));
    const { messageType, channelID } = message;
    if (messageType === undefined) return say({});  // A ping.
    if (messageType === "hello") {
      this.greet();
      return say({ messageType, uaid: message.uaid || randomUUID().replaceAll("-", ""), status: 200, use_webpush: true, broadcasts: {} });
    }
    if (messageType === "register") {
      this.channels.set(channelID, { socket, key: message.key });
      return say({ messageType, channelID, status: 200, pushEndpoint: `${this.url}/wpush/v2/${channelID}` });
    }
    for (const { version, code } of message.updates ?? []) this.acknowledged.set(version, code);
  }

  async take(request, body) {
    const id = request.url.split("/").at(-1);
    const channel = this.channels.get(id);
    if (channel === undefined) return 410;
    const [, token, k] = /^vapid t=([\w.-]+), k=([\w-]+)$/.exec(request.headers.authorization);
    assert.equal(k, Buffer.from(channel.key, "base64url").toString("base64url"), "the key that Firefox subscribed with");
    const raw = Buffer.from(k, "base64url");
    const jwk = { kty: "EC", crv: "P-256", x: raw.subarray(1, 33).toString("base64url"), y: raw.subarray(33).toString("base64url") };
    await jwtVerify(token, await importJWK(jwk, "ES256"), { audience: this.url });
    this.notify(id, body, request.headers["content-encoding"]);
    return 201;
  }

  /// Hands bytes to the browser, and answers the version by which it acknowledges them.
  notify(channelID, body, encoding = "aes128gcm") {
    this.versions += 1;
    const version = `v${this.versions}`;
    this.channels.get(channelID).socket.write(frame(JSON.stringify({ messageType: "notification", channelID, version, data: body.toString("base64url"), headers: { encoding } })));
    return version;
  }

  stop() {
    for (const { socket } of this.channels.values()) socket.destroy();
    this.server.close();
    this.server.closeAllConnections();
  }
}
