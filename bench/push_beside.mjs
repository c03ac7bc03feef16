// Encrypted and signed requests that npm `web-push` makes per second of processor time: for push_bench.
import { createECDH, randomBytes } from "node:crypto";
import { npm } from "../tests/contract/npm.mjs";

const webpush = npm("web-push");
const payload = JSON.stringify({
  web_push: 8030,
  notification: { title: "Palco asks for your approval", navigate: "https://countersign.example/p/0123456789abcdef0123456789abcdef" },
}).padEnd(512);
const subscriptions = Array.from({ length: 256 }, (_, i) => {
  const pair = createECDH("prime256v1");
  const keys = { p256dh: pair.generateKeys("base64url"), auth: randomBytes(16).toString("base64url") };
  return { endpoint: `${i % 2 ? "https://fcm.googleapis.com/fcm/send" : "https://web.push.apple.com"}/${i}`, keys };
});
const vapid = webpush.generateVAPIDKeys();
const options = { vapidDetails: { subject: "mailto:ops@countersign.dev", ...vapid }, TTL: 60, urgency: "high" };

const spent = (from) => {
  const { user, system } = process.cpuUsage(from);
  return (user + system) / 1e6;
};
const run = (seconds) => {
  const from = process.cpuUsage();
  let done = 0;
  do {
    for (let i = 0; i < 16; i++) webpush.generateRequestDetails(subscriptions[done++ % subscriptions.length], payload, options);
  } while (spent(from) < seconds);
  return done / spent(from);
};
run(0.5); // Compiled by then.
console.log(run(1));
