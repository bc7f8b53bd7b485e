// build: bundles the page into dist/, which a node serves as it is (`http.page_dir`).
import { build } from "esbuild";
import { cp, mkdir, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

await rm(here("dist"), { recursive: true, force: true });
await mkdir(here("dist"));
await cp(here("public"), here("dist"), { recursive: true });
await build({
  entryPoints: [
    { in: here("src/main.js"), out: "app" },
    { in: here("styles/app.css"), out: "app" },
  ],
  outdir: here("dist"),
  bundle: true,
  minify: true,
  format: "iife",
  target: ["chrome100", "firefox100", "safari16"],
  loader: { ".woff2": "file" },
  assetNames: "[name]",
  legalComments: "linked",
  logLevel: "warning",
});
