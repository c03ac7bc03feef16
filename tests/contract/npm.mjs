// The packages of tools/npm, for tests that stand outside of that folder: `const { jwtVerify } = npm("jose")`.
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

export const npm = createRequire(new URL("../../tools/npm/package.json", import.meta.url));
export const repository = fileURLToPath(new URL("../../", import.meta.url));
export const modules = fileURLToPath(new URL("../../tools/npm/node_modules", import.meta.url));
