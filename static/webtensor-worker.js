/**
 * The worker behind webtensor.js: starts Pyodide, answers each message "run" with any number of "output"
 * and one "value" or "error", and tells of itself by "progress", "ready" and "failed".
 */

// Not of `location`: a page of another origin starts this file through a blob.
const site = new URL("..", import.meta.url);

/** Posts of one run's output in each window; what exceeds them is posted in one piece. */
const OUTPUT_BURST = 20;
const OUTPUT_WINDOW_MS = 50;

const ARRAYS = {
  bool: Uint8Array, int8: Int8Array, int16: Int16Array, int32: Int32Array, int64: BigInt64Array,
  uint8: Uint8Array, uint16: Uint16Array, uint32: Uint32Array, uint64: BigUint64Array,
  float16: globalThis.Float16Array ?? Uint16Array, float32: Float32Array, float64: Float64Array,
  complex64: Float32Array, complex128: Float64Array,
};

function progress(stage, text) {
  postMessage({ type: "progress", stage, text });
}

async function get(path) {
  const response = await fetch(new URL(path, site));
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}`);
  return response;
}

async function start() {
  progress("loading", "Loading Python");
  const indexURL = new URL("pyodide/", site).href;
  const early = [
    import(`${indexURL}pyodide.mjs`),
    get("static/webtensor-runner.py").then((response) => response.text()),
    // The package looks for these two, and has copies only for pages whose policy allows blobs.
    import("./replay.js"),
    import("./webnn.js"),
  ];
  for (const promise of early) promise.catch(() => {}); // awaited, and reported, below
  const build = await (await get("build.json")).json();
  const wheel = get(build.wheel).then((response) => response.arrayBuffer());
  wheel.catch(() => {});
  const { loadPyodide } = await early[0];
  const pyodide = await loadPyodide({
    indexURL,
    packageBaseUrl: indexURL, // else a package that is not there is looked for on a CDN
    // Called between the arrival of the files and the start of the interpreter.
    fsInit: async () => progress("starting", "Starting Python"),
  });
  pyodide.unpackArchive(await wheel, "wheel");
  // After a fatal error (broken memory) no run ever ends: the page has to start a new worker.
  pyodide._api.on_fatal = (error) => postMessage({ type: "failed", text: `Python broke down: ${error}` });
  const [, source] = await Promise.all(early);
  const namespace = pyodide.globals.get("dict")();
  pyodide.runPython(source, { globals: namespace, filename: "webtensor-runner.py" });
  const runner = { start: namespace.get("start"), cancel: namespace.get("cancel") };
  namespace.get("configure")(writeOutput, makeArray, progress);
  const python = pyodide.runPython("import sys; sys.version.split()[0]");
  postMessage({ type: "ready", versions: { webtensor: build.version, pyodide: pyodide.version, python } });
  return runner;
}

/** Output of the runs: pieces that wait, and how many were posted in the present window. */
const outputs = new Map();

function writeOutput(id, stream, text, flush) {
  const output = outputs.get(id);
  if (!output) return console.log(text); // a task that outlived its run
  if (output.stream !== stream) flushOutput(id, output);
  output.stream = stream;
  output.waiting += text;
  const now = performance.now();
  if (now - output.windowStart > OUTPUT_WINDOW_MS) Object.assign(output, { windowStart: now, posted: 0 });
  if ((flush || text.endsWith("\n")) && output.posted < OUTPUT_BURST) flushOutput(id, output);
  else output.timer ??= setTimeout(flushOutput, OUTPUT_WINDOW_MS, id, output);
}

function flushOutput(id, output) {
  clearTimeout(output.timer);
  output.timer = null;
  if (!output.waiting) return;
  output.posted += 1;
  postMessage({ type: "output", id, stream: output.stream, text: output.waiting });
  output.waiting = "";
}

/** A buffer of Python as {data, shape, dtype} of its own, for the runner. */
function makeArray(bytes, shape, dtype) {
  const view = bytes.getBuffer("u8");
  const { buffer } = view.data.slice();
  view.release();
  return { data: new ARRAYS[dtype](buffer), shape, dtype };
}

/** Pyodide takes no Float16Array: its bits, with their meaning. */
function withoutHalves(value) {
  if (globalThis.Float16Array && value instanceof Float16Array) {
    const data = new Uint16Array(value.buffer, value.byteOffset, value.length);
    return { data, shape: [data.length], dtype: "float16" };
  }
  if (value && typeof value === "object" && !ArrayBuffer.isView(value)) {
    for (const key of Object.keys(value)) value[key] = withoutHalves(value[key]);
  }
  return value;
}

/** The buffers of every array in a result, to be moved instead of copied. */
function buffersOf(value, found = []) {
  if (ArrayBuffer.isView(value)) found.push(value.buffer);
  else if (value && typeof value === "object") {
    for (const item of Object.values(value)) buffersOf(item, found);
  }
  return found;
}

async function run({ id, python, inputs, namespace, display }) {
  const runner = await started;
  const output = { stream: "stdout", waiting: "", posted: 0, windowStart: 0, timer: null };
  outputs.set(id, output);
  let answer;
  try {
    // The task exists before anything is awaited, so that a "cancel" which follows finds it.
    const task = runner.start(id, python, withoutHalves(inputs), namespace, display);
    answer = await task;
    task.destroy();
  } catch (error) {
    // What the code raises is an answer: this is a task that was cancelled.
    answer = { type: "error", name: error.type ?? error.name, text: error.message };
  }
  flushOutput(id, output);
  outputs.delete(id);
  try {
    postMessage({ ...answer, id }, buffersOf(answer.value));
  } catch (error) {
    postMessage({ type: "error", id, name: error.name, text: error.message }); // what cannot be cloned
  }
}

onmessage = async ({ data: message }) => {
  if (message.type === "run") await run(message);
  else (await started).cancel(message.id);
};

const started = start();
started.catch((error) => {
  postMessage({ type: "failed", text: `Python could not start: ${error.message}` });
});
