// The interpreter that PyScript's compute worker is given (app/compute.json): Pyodide from this site, with the
// webtensor wheel already in it. A module of our own, because it can fetch the wheel while Python starts and tell the
// page how far it is; PyScript alone does one thing after the other, silently.
import { loadPyodide as load, version } from "../pyodide/pyodide.mjs";
// The package's own JavaScript: from here it needs no `blob:` in a Content-Security-Policy.
import "../static/replay.js";
import "../static/webnn.js";

export { version };

const site = new URL("../", import.meta.url);

const tell = (stage) => postMessage(JSON.stringify({ stage }));

async function get(path) {
  const response = await fetch(new URL(path, site));
  if (!response.ok) throw new Error(`${path} could not be loaded (HTTP status ${response.status})`);
  return response;
}

const build = get("build.json").then((response) => response.json());
build.catch(() => {}); // awaited, and reported, by fetchWheel

async function fetchWheel() {
  return (await get((await build).wheel)).arrayBuffer();
}

const fetchQuietly = self.fetch.bind(self);

/** Has numpy in the browser's cache before the first run asks for it; that run reports it where this fails. */
function fetchNumpyAhead() {
  build
    .then(({ numpy }) => numpy && fetchQuietly(new URL(numpy, site), { priority: "low" }))
    .then((response) => response && response.blob())
    .catch(() => {});
}

/** The work's result; rejects when a download fails meanwhile, since Pyodide itself would wait forever. */
async function withDownloadsWatched(work) {
  const original = self.fetch;
  const failure = new Promise((_, reject) => {
    self.fetch = async (...request) => {
      try {
        const response = await original(...request);
        if (!response.ok) throw new Error(`${response.url} could not be loaded (HTTP status ${response.status})`);
        return response;
      } catch (error) {
        reject(error);
        throw error;
      }
    };
  });
  try {
    return await Promise.race([work(), failure]);
  } finally {
    self.fetch = original;
  }
}

export async function loadPyodide(options) {
  tell("download");
  const wheel = fetchWheel();
  wheel.catch(() => {}); // awaited, and reported, below
  const indexURL = new URL("pyodide/", site).href;
  const pyodide = await withDownloadsWatched(() =>
    load({
      ...options,
      indexURL,
      packageBaseUrl: indexURL, // a package that is not here must not be looked for on a CDN
      // Called when all is downloaded, before the interpreter starts: the network is idle from here on.
      fsInit: async () => {
        tell("start");
        fetchNumpyAhead();
      },
    }),
  );
  tell("install");
  pyodide.unpackArchive(await wheel, "wheel");
  return pyodide;
}
