/**
 * webtensor on any page of any origin, with one line:
 *
 *     <script type="module" src="https://example.org/webtensor/static/webtensor.js"></script>
 *
 * It puts `webtensor` on the page and defines <webtensor-cell>. Python starts in one worker, shared by
 * all users on the page, when the first of them needs it. webtensor.d.ts beside this file documents
 * the interface: what goes in and comes out, and what hosts and policies must allow.
 */

import { defineCell } from "./webtensor-cell.js";

/** How long a run may take to answer a request to stop before its worker is ended. */
const STOP_GRACE_MS = 1500;

function failure(name, message, details) {
  return Object.assign(new Error(message), { name, ...details });
}

function startWorker() {
  const url = new URL("webtensor-worker.js", import.meta.url);
  const options = { type: "module", name: "webtensor" };
  if (url.origin === self.location.origin) return new Worker(url, options);
  // A worker's script must be of the page's own origin, the modules which it imports need not be.
  const script = new Blob([`import ${JSON.stringify(url.href)};`], { type: "text/javascript" });
  return new Worker(URL.createObjectURL(script), options);
}

class WebTensor extends EventTarget {
  #worker = null;
  #ready = null;
  #settleReady = null;
  #isReady = false;
  #runs = new Map();
  #lastRun = 0;

  get ready() {
    this.#start();
    return this.#ready;
  }

  async run(python, { inputs = {}, transfer = [], onOutput, signal, namespace, display } = {}) {
    signal?.throwIfAborted();
    const worker = this.#start();
    const id = ++this.#lastRun;
    const message = { type: "run", id, python: String(python), inputs, namespace, display };
    const stop = () => this.#stopRun(id);
    try {
      return await new Promise((resolve, reject) => {
        this.#runs.set(id, { resolve, reject, onOutput, signal });
        worker.postMessage(message, transfer);
        signal?.addEventListener("abort", stop);
      });
    } finally {
      signal?.removeEventListener("abort", stop);
      clearTimeout(this.#runs.get(id)?.timer);
      this.#runs.delete(id);
    }
  }

  stop(reason = "Python was stopped.") {
    if (this.#worker) this.#end(failure("RestartError", reason));
  }

  #start() {
    if (this.#worker) return this.#worker;
    const worker = startWorker();
    this.#worker = worker;
    this.#isReady = false;
    this.#ready = new Promise((resolve, reject) => (this.#settleReady = { resolve, reject }));
    this.#ready.catch(() => {}); // every run reports it too; awaiting `ready` is optional
    worker.onmessage = ({ data }) => this.#receive(data);
    worker.onerror = (event) => {
      event.preventDefault();
      const unloaded = `it could not be loaded. Is ${new URL(".", import.meta.url)} reachable and ` +
        "allowed by the page's Content-Security-Policy?";
      this.#end(failure("StartError", `Python's worker failed: ${event.message || unloaded}`));
    };
    return worker;
  }

  #receive(message) {
    const run = this.#runs.get(message.id);
    switch (message.type) {
      case "progress":
        this.#progress(message.stage, message.text);
        break;
      case "ready":
        this.#isReady = true;
        this.#settleReady.resolve(message.versions);
        this.#progress("ready", "Ready");
        break;
      case "output":
        run?.onOutput?.(message.text, message.stream);
        break;
      case "value":
        if (run?.signal?.aborted) run.reject(run.signal.reason);
        else run?.resolve(message.value);
        break;
      case "error": {
        const { name, text, traceback = text, line = null } = message;
        run?.reject(run.signal?.aborted ? run.signal.reason : failure(name, text, { traceback, line }));
        break;
      }
      case "failed":
        this.#end(failure(this.#isReady ? "RestartError" : "StartError", message.text));
    }
  }

  #progress(stage, text) {
    this.dispatchEvent(new CustomEvent("progress", { detail: { stage, text } }));
  }

  #stopRun(id) {
    const run = this.#runs.get(id);
    this.#worker.postMessage({ type: "cancel", id });
    if (!this.#isReady) {
      run.reject(run.signal.reason); // nothing of it has run; the worker drops it once it is there
      return;
    }
    run.timer = setTimeout(() => {
      this.#end(failure("RestartError", "Python was restarted to stop another run. Run this again."));
      this.#start();
    }, STOP_GRACE_MS);
  }

  #end(error) {
    this.#worker.terminate();
    this.#worker = null;
    this.#settleReady.reject(error);
    for (const { reject, signal } of this.#runs.values()) {
      reject(signal?.aborted ? signal.reason : error);
    }
    this.dispatchEvent(new CustomEvent("restart", { detail: { reason: error.message } }));
  }
}

// A page may carry the tag twice, even from two hosts: the first one serves them all.
const webtensor = (globalThis.webtensor ??= new WebTensor());
if (!customElements.get("webtensor-cell")) defineCell(webtensor);

export default webtensor;
