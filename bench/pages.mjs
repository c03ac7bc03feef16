// What the hosted page weighs, and when it can be used on a slow phone. Called by `./dev bench`.
import { gzipSync } from "node:zlib";
import { Server } from "../tests/contract/support/server.mjs";
import { App } from "../tests/e2e/support/app.mjs";
import { Visitor, closeBrowser } from "../tests/e2e/support/browser.mjs";

const rounds = 5;
// Slow 3G: 400 kbit/s and 400 ms, both ways.
const slow3g = { offline: false, latency: 400, downloadThroughput: 400_000 / 8, uploadThroughput: 400_000 / 8 };
const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
const row = (name, value, aim = "") => console.log(`${name.padEnd(52)}${value.padStart(12)}   ${aim}`);
const kb = (bytes) => `${(bytes / 1024).toFixed(1)} KB`;

const server = await Server.start({});
try {
  const app = new App(server);
  const url = (await app.hold()).verify_url;
  const html = await (await fetch(url, { headers: { "Accept-Language": "pt-BR" } })).text();
  const files = [...html.matchAll(/(?:href|src)="(\/assets\/[^"]+\.(css|js))"/g)];
  const sizes = { html: gzipSync(html, { level: 9 }).length, css: 0, js: 0 };
  for (const [, path, kind] of files) {
    const answer = await fetch(new URL(path, url), { headers: { "Accept-Encoding": "identity" } });
    sizes[kind] += gzipSync(Buffer.from(await answer.arrayBuffer()), { level: 9 }).length;
  }
  row("page: HTML, gzip", kb(sizes.html));
  row("page: style, gzip", kb(sizes.css));
  row("page: HTML and style, gzip", kb(sizes.html + sizes.css), "below 14 KB");
  row("page: script, gzip", kb(sizes.js), "below 10 KB");

  const paints = [];
  for (let round = 0; round < rounds; ++round) {
    const visitor = await Visitor.arrive(app, {});
    const devtools = await visitor.context.newCDPSession(visitor.page);
    await devtools.send("Network.enable");
    await devtools.send("Network.emulateNetworkConditions", slow3g);
    await visitor.page.goto((await app.hold()).verify_url);
    const paint = () => visitor.page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime);
    let time = await paint();
    for (; time === undefined; time = await paint()) await visitor.page.waitForTimeout(50);
    paints.push(time);
    await visitor.context.close();
  }
  row("first usable paint at slow 3G (400 kbit/s, 400 ms)", `${(median(paints) / 1000).toFixed(2)} s`);
} finally {
  await closeBrowser();
  await server.stop();
}
