// Debian's Firefox without a screen and without a driver: its preferences are a file, and the pages do the rest.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const kPreferences = (push) => ({
  "dom.push.serverURL": `ws://127.0.0.1:${push.port}/`,
  "dom.push.testing.allowInsecureServerURL": true,
  // Messages that come faster than a person could look at them.
  "dom.push.maxQuotaPerSubscription": 1000,
  "permissions.default.desktop-notification": 1,
  "dom.webnotifications.requireuserinteraction": false,
  // Nothing of its own: no start page, no updates, no reports.
  "app.normandy.enabled": false,
  "app.update.enabled": false,
  "browser.aboutwelcome.enabled": false,
  "browser.newtabpage.enabled": false,
  "browser.safebrowsing.malware.enabled": false,
  "browser.safebrowsing.phishing.enabled": false,
  "browser.shell.checkDefaultBrowser": false,
  "browser.startup.homepage_override.mstone": "ignore",
  "datareporting.policy.dataSubmissionEnabled": false,
  "extensions.update.enabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "services.settings.server": "data:,#remote-settings-dummy/v1",
  "termsofuse.bypassNotification": true,
  "toolkit.telemetry.enabled": false,
});

export const kFirefox = "firefox-esr";

/// Opens the page, with a profile of its own. `stop()` ends it, and removes the profile.
export const openFirefox = (url, push) => {
  const profile = mkdtempSync(join(tmpdir(), "countersign-firefox-"));
  const lines = Object.entries(kPreferences(push)).map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`);
  writeFileSync(join(profile, "user.js"), lines.join(""));
  const browser = spawn(kFirefox, ["--headless", "--no-remote", "--profile", profile, url], {
    env: { ...process.env, HOME: profile, MOZ_CRASHREPORTER_DISABLE: "1" },
    detached: true,  // A group of its own, to end its pages with it.
    stdio: ["ignore", "ignore", "pipe"],
  });
  const running = { said: "" };
  browser.stderr.setEncoding("utf8").on("data", (text) => (running.said += text));
  const ended = new Promise((resolve) => browser.once("exit", resolve));
  running.ended = ended.then((how) => Promise.reject(new Error(`${kFirefox} ended with ${how}: ${running.said}`)));
  running.ended.catch(() => undefined);
  running.stop = async () => {
    process.kill(-browser.pid, "SIGKILL");  // Nothing of it is kept.
    await ended;
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  return running;
};
