// Starts Pyodide under Node and runs bytecode_in_pyodide.py there: only that Python writes bytecode that it can read.
// node bytecode.mjs <folder with Pyodide> <its python_stdlib.zip> <folder to work in> <job as JSON>
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [pyodideFolder, standardLibrary, workFolder, job] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(path.join(pyodideFolder, "pyodide.mjs")));
const pyodide = await loadPyodide({
  indexURL: pyodideFolder + path.sep,
  stdLibURL: standardLibrary,
  // Sets of constants are written in hash order: a fixed seed makes the same bytes each time.
  env: { HOME: "/home/pyodide", PYTHONHASHSEED: "0" },
});
const { packages } = JSON.parse(job);
await pyodide.loadPackage(packages, { messageCallback: () => {} });
pyodide.mountNodeFS("/work", workFolder);
pyodide.globals.set("job_text", job);
pyodide.runPython(fs.readFileSync(new URL("bytecode_in_pyodide.py", import.meta.url), "utf8"));
