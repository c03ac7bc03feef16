// Builds dist/: `node tools/build.mjs` writes it, `--check` builds in memory and compares, and holds the size limits.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, brotliDecompressSync, constants, gunzipSync, gzipSync } from "node:zlib";

import { nativeGuide, verifyGuide } from "./guide.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, "dist");
const check = process.argv.includes("--check");

/** Bytes after gzip, by the name that pages ask for. */
const kLimits = {
  "verify.css": 6 * 1024, "verify.js": 5 * 1024, "passkey.js": 5 * 1024, "work.js": 2 * 1024, "push.js": 4 * 1024, "push_worker.js": 2 * 1024, "inbox.css": 6 * 1024, "inbox.js": 10 * 1024, "guide.css": 6 * 1024, "guide.js": 10 * 1024,
  "icon.svg": 1024, "demo.css": 10 * 1024, "demo.js": 10 * 1024,
};

/** The same of each whole page. The longest describes the whole API, and grows with it. */
const kPageLimit = 60 * 1024;

const gzip = (bytes) => gzipSync(bytes, { level: 9 });
const brotli = (bytes) =>
  brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
const encodings = { ".gz": { pack: gzip, unpack: gunzipSync }, ".br": { pack: brotli, unpack: brotliDecompressSync } };

/** Every .ts and .css right in src/ is an entry; pictures are taken as they are. */
async function bundles() {
  const entries = readdirSync(join(root, "src")).filter((name) => /\.(ts|css)$/.test(name)).sort();
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: entries.map((name) => `src/${name}`),
    outdir: "dist",
    write: false,
    bundle: true,
    minify: true,
    format: "iife",
    charset: "utf8",
    legalComments: "inline",  // Only /*! */: the notice that a package's licence asks for.
    target: ["chrome100", "firefox100", "safari15.4"],
    logLevel: "warning",
  });
  const built = outputFiles.map(({ path, contents }) => [path.slice(dist.length + 1), Buffer.from(contents)]);
  const pictures = readdirSync(join(root, "src")).filter((name) => name.endsWith(".svg")).sort();
  return [...built, ...pictures.map((name) => [name, readFileSync(join(root, "src", name))])];
}

function hashed(name, bytes) {
  const digest = createHash("sha256").update(bytes).digest("hex").slice(0, 12);
  return name.replace(/(\.\w+)$/, `-${digest}$1`);
}

/** All files of dist/ but the compressed ones, by name. */
async function output() {
  const files = new Map();
  const manifest = {};
  for (const [name, bytes] of await bundles()) {
    manifest[name] = hashed(name, bytes);
    files.set(manifest[name], bytes);
  }
  const api = readFileSync(join(root, "../docs/openapi.yaml"), "utf8");
  const errors = readFileSync(join(root, "../docs/errors.md"), "utf8");
  const verify = readFileSync(join(root, "../docs/openapi-verify-v2.yaml"), "utf8");
  const url = (name) => `/assets/${manifest[name]}`;
  files.set("guide.html", Buffer.from(nativeGuide(api, errors, url)));
  files.set("guide-verify-v2.html", Buffer.from(verifyGuide(verify, url)));
  files.set("manifest.json", Buffer.from(JSON.stringify(manifest, null, 2) + "\n"));
  return { files, manifest };
}

function read(name) {
  try {
    return readFileSync(join(dist, name));
  } catch {
    return undefined;
  }
}

/** Whether dist/ holds `bytes` as `name`, compressed. Not compared byte by byte: that depends on Node's own zlib. */
function holdsPacked(name, suffix, bytes) {
  const packed = read(name + suffix);
  try {
    return packed !== undefined && encodings[suffix].unpack(packed).equals(bytes);
  } catch {
    return false;
  }
}

const { files, manifest } = await output();
const wanted = new Set();
const findings = [];
if (!check) mkdirSync(dist, { recursive: true });
for (const [name, bytes] of files) {
  wanted.add(name);
  if (!read(name)?.equals(bytes)) check ? findings.push(`${name} differs`) : writeFileSync(join(dist, name), bytes);
  if (name === "manifest.json") continue;
  for (const [suffix, { pack }] of Object.entries(encodings)) {
    wanted.add(name + suffix);
    if (holdsPacked(name, suffix, bytes)) continue;
    if (check) findings.push(`${name}${suffix} differs`);
    else writeFileSync(join(dist, name + suffix), pack(bytes));
  }
}
for (const name of readdirSync(dist)) {
  if (!wanted.has(name)) check ? findings.push(`${name} is left over`) : rmSync(join(dist, name));
}
for (const [name, file] of Object.entries(manifest)) {
  const size = gzip(files.get(file)).length;
  console.log(`${name.padEnd(12)} ${String(size).padStart(6)} bytes gzip`);
  if (!(name in kLimits)) findings.push(`${name} has no size limit in tools/build.mjs`);
  else if (size > kLimits[name]) findings.push(`${name}: ${size} bytes gzip, over ${kLimits[name]}`);
}
for (const [name, bytes] of files) {
  if (!name.endsWith(".html")) continue;
  const [gz, br] = [gzip(bytes).length, brotli(bytes).length];
  console.log(`${name.padEnd(20)} ${bytes.length} bytes, ${gz} gzip, ${br} brotli`);
  if (gz > kPageLimit) findings.push(`${name}: ${gz} bytes gzip, over ${kPageLimit}`);
}
for (const finding of findings) console.error(`web: ${finding}`);
if (check && findings.some((finding) => /differs|left over/.test(finding))) console.error("web: run ./dev web and commit web/dist");
process.exitCode = findings.length ? 1 : 0;
