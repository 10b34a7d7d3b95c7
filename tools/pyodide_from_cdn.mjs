// Stands at dist/pyodide/pyodide.mjs in a build made with --cdn: the same exports, with Pyodide's own files from a CDN.
// Every file is fetched once with Subresource Integrity before it is used, then comes out of the browser's cache; in
// documents the two modules are preloaded with integrity as well, which binds the import itself where browsers do that.
const RUNTIME = "@runtime@";
const PACKAGES = "@packages@";
const INTEGRITY = { "@files@": "@integrity@" };

export const version = "@version@";

async function verify([name, integrity]) {
  const url = RUNTIME + name;
  if (name.endsWith(".mjs") && globalThis.document) {
    const link = Object.assign(document.createElement("link"), { rel: "modulepreload", href: url, integrity });
    link.crossOrigin = "anonymous";
    document.head.append(link);
  }
  const response = await fetch(url, { integrity });
  if (!response.ok) throw new Error(`${url} could not be loaded (HTTP status ${response.status})`);
}

export async function loadPyodide(options) {
  await Promise.all(Object.entries(INTEGRITY).map(verify));
  const pyodide = await import(`${RUNTIME}pyodide.mjs`);
  // The wheels are verified by Pyodide itself, against the lock file verified here.
  return pyodide.loadPyodide({ ...options, indexURL: RUNTIME, packageBaseUrl: PACKAGES });
}
