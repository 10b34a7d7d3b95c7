/**
 * The interface of webtensor.js.
 *
 * A host of these files must send `Access-Control-Allow-Origin: *` for pages of other origins to use
 * them, as GitHub Pages and most static hosts do; nothing else, and no cross-origin isolation.
 *
 * A page with a Content-Security-Policy that uses its own copy needs
 * `script-src 'self' 'wasm-unsafe-eval' 'unsafe-eval'` (the last for Pyodide itself) and `connect-src 'self'`. For a
 * copy on another origin it allows that origin in both, and `worker-src blob:`.
 */

/** An array as it leaves Python, and as one may enter it. */
export interface ArrayValue {
  /**
   * All elements, in row-major order. Out: the typed array of the dtype; float16 is a Float16Array, or
   * its bits in a Uint16Array where the browser has none; int64 and uint64 are BigInt64Array and BigUint64Array; bool
   * is a Uint8Array; complex64 and complex128 are pairs (real, imaginary) in a Float32Array and Float64Array.
   */
  data: ArrayBufferView;
  shape: number[];
  /** Out: always. In: only where it is not the typed array's own, as for float16 in a Uint16Array. */
  dtype?: string;
}

/**
 * What a Python variable can be made from. Nothing passes through JSON: values are cloned in binary.
 *
 * - A typed array becomes a flat `memoryview`, an ArrayValue one of its shape: `wt.asarray(x)` and
 *   `numpy.asarray(x)` take both. (An array without elements cannot have a shape of its own.)
 * - An array becomes a list, an object a dict, text a str, a boolean a bool, null and undefined None.
 * - A number becomes an int where it is whole, else a float: `[[1, 2]]` holds ints, so give
 *   `wt.asarray(x, dtype=wt.float32)` or a Float32Array where floats are meant. A BigInt is an int.
 */
export type Input =
  | ArrayValue | ArrayBufferView | Input[] | { [key: string]: Input }
  | string | number | bigint | boolean | null | undefined;

/**
 * What a result becomes: a Tensor (awaited), a numpy array or any buffer an ArrayValue whose memory is moved, not
 * copied; a list, tuple or set an array; a dict an object; None null; an int beyond 2^53 a BigInt. Anything else
 * is a TypeError.
 */
export type Output =
  | Required<ArrayValue> | Output[] | { [key: string]: Output }
  | string | number | bigint | boolean | null;

export interface RunOptions {
  /** Variables that the code finds. */
  inputs?: { [name: string]: Input };
  /** Buffers of the inputs that are moved to Python's worker instead of copied (and are empty afterwards). */
  transfer?: Transferable[];
  /** Called with what the code prints, while it runs. */
  onOutput?: (text: string, stream: "stdout" | "stderr") => void;
  /**
   * Stops the run, which rejects with the signal's reason. Python is asked to stop where it next waits; where it
   * has not after 1.5 s, its worker is ended and started anew, and all other runs reject with a "RestartError".
   */
  signal?: AbortSignal;
  /** Runs that give the same name share their variables. Without one, each run starts from nothing. */
  namespace?: string;
  /** Resolve to the text of the value as a notebook shows it (null for None), not to the value. */
  display?: boolean;
}

/** What `run` rejects with when the code raises; its `name` is the exception's type, as "ValueError". */
export interface PythonError extends Error {
  /** Python's traceback with the frames of the given code only. */
  traceback: string;
  /** The line of the given code, counted from 1; null where it has none. */
  line: number | null;
}

export interface Versions {
  webtensor: string;
  pyodide: string;
  python: string;
}

/**
 * Python in one worker for the whole page; it starts when `ready` or `run` is first used.
 *
 * Events: "progress" (detail: {stage: "loading" | "starting" | "packages" | "ready", text}, the text for
 * people), and "restart" (detail: {reason}): the variables of all namespaces are gone. Where Python cannot start,
 * `ready` and each run reject with a "StartError", and the next use tries again.
 */
export interface WebTensor extends EventTarget {
  /** Starts Python ahead of its first use; resolves when code can run. */
  readonly ready: Promise<Versions>;
  /**
   * Runs Python, in which top-level `await` is allowed and the packages that it imports are loaded if
   * they lie beside Pyodide; resolves to the value of the last expression.
   */
  run(python: string, options?: RunOptions & { display?: false }): Promise<Output>;
  run(python: string, options: RunOptions & { display: true }): Promise<string | null>;
  /** Ends the worker and with it every run; the next use starts Python anew. */
  stop(reason?: string): void;
}

/**
 * The element <webtensor-cell>: Python that a reader edits and runs. Control or Command and Enter runs it too.
 *
 *     <webtensor-cell><script type="text/python">
 *     import webtensor as wt
 *     wt.asarray([[1.0, 2.0]])
 *     </script></webtensor-cell>
 *
 * The code is its text content (inside a `<script type="text/python">` nothing needs escaping) or its attribute
 * `code`. Its other attributes: `autorun` runs it at once; `label` names the editor for screen readers; `namespace`
 * shares variables among the cells that give the same name and keeps them between runs, while a cell without one
 * starts each run from nothing, so that what is seen is all that runs.
 *
 * Events, which do not bubble: "run" (detail: {code}), then "done" (detail: {text, seconds}, the text of the value
 * or null) or "error" (detail: {error, seconds}; `error.name` is "AbortError" where the run was stopped). Typing
 * sends the usual "input" events. While a run goes on, the element has the attribute `busy`.
 *
 * Looks: --wt-bg, --wt-fg, --wt-accent, --wt-muted, --wt-border, --wt-error and --wt-mono, set on the cell or above
 * it. It follows the reader's light or dark scheme, or `color-scheme: light` or `dark` where a page sets that on the
 * element. For more: ::part(editor), ::part(bar), ::part(run), ::part(stop), ::part(output).
 */
export interface WebTensorCell extends HTMLElement {
  code: string;
  /** Runs the code, unless it runs already; resolves when the run has ended in whatever way. */
  run(): Promise<void>;
  stop(): void;
}

declare const webtensor: WebTensor;
export default webtensor;

declare global {
  var webtensor: WebTensor;
  interface HTMLElementTagNameMap {
    "webtensor-cell": WebTensorCell;
  }
}
