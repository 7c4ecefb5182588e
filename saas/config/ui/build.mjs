// Build the shared stylesheet and copy the vendored scripts into saas/config/static/ui/. `--check` compares instead.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, writeFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..", "..");
const out = join(root, "saas", "config", "static", "ui");
const LIMIT_JS_GZ = 60 * 1024;

// The lock file names no address at all (funding links included), so that no registry or host is baked in.
const lockPath = join(root, "package-lock.json");
const lock = JSON.parse(readFileSync(lockPath, "utf8"));
for (const entry of Object.values(lock.packages)) {
  delete entry.funding;
  delete entry.resolved;
}
writeFileSync(lockPath, JSON.stringify(lock, null, 2) + "\n");

const version = (name) => JSON.parse(readFileSync(join(root, "node_modules", name, "package.json"), "utf8")).version;
const scratch = mkdtempSync(join(tmpdir(), "ui-"));
const built = {};
try {
  execFileSync(process.execPath, [join(root, "node_modules/@tailwindcss/cli/dist/index.mjs"), "--minify", "-i", join(here, "source.css"), "-o", join(scratch, "ui.css")], { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
  built["ui.css"] = readFileSync(join(scratch, "ui.css"));
} finally {
  rmSync(scratch, { recursive: true });
}
built["htmx.min.js"] = readFileSync(join(root, "node_modules/htmx.org/dist/htmx.min.js"));
built["alpine.min.js"] = readFileSync(join(root, "node_modules/@alpinejs/csp/dist/cdn.min.js"));
const own = { "shop.js": readFileSync(join(out, "shop.js")) };

const origin = {
  "ui.css": `tailwindcss ${version("tailwindcss")} + daisyui ${version("daisyui")}, MIT`,
  "htmx.min.js": `htmx.org ${version("htmx.org")}, 0BSD`,
  "alpine.min.js": `@alpinejs/csp ${version("@alpinejs/csp")} (the build without eval), MIT`,
  "shop.js": "ours",
};
const files = { ...built, ...own };
const gz = (data) => gzipSync(data, { level: 9 }).length;
let table = "# Built and vendored files\n\nMade by `make ui`; served as they are. Sizes in bytes.\n\n| file | from | size | gzip | sha256 |\n|---|---|---|---|---|\n";
for (const [name, data] of Object.entries(files)) {
  table += `| ${name} | ${origin[name]} | ${data.length} | ${gz(data)} | ${createHash("sha256").update(data).digest("hex")} |\n`;
}
const scripts = Object.entries(files).filter(([name]) => name.endsWith(".js")).reduce((sum, [, data]) => sum + gz(data), 0);
if (scripts > LIMIT_JS_GZ) throw new Error(`scripts weigh ${scripts} bytes gzipped; the limit is ${LIMIT_JS_GZ}`);

if (process.argv.includes("--check")) {
  const stale = Object.keys(built).filter((name) => !readFileSync(join(out, name)).equals(built[name]));
  if (stale.length) {
    console.error(`not up to date: ${stale.join(", ")}. Run \`make ui\` and commit.`);
    process.exit(1);
  }
} else {
  for (const [name, data] of Object.entries(built)) writeFileSync(join(out, name), data);
  writeFileSync(join(out, "VENDORED.md"), table);
}
console.log(`scripts ${scripts} B gzip, stylesheet ${built["ui.css"].length} B (${gz(built["ui.css"])} B gzip)`);
