/**
 * <webtensor-cell>: Python that a reader edits and runs in the page; webtensor.d.ts documents it. A transparent
 * textarea lies over the same text in colours, which also gives it its height.
 */

const STYLE = `
:host {
  --bg: var(--wt-bg, light-dark(#fff, #15181e));
  --fg: var(--wt-fg, light-dark(#1d2330, #e4e7ee));
  --accent: var(--wt-accent, light-dark(#0b63ce, #7db5ff));
  --muted: var(--wt-muted, light-dark(#5a6375, #9aa4b6));
  --border: var(--wt-border, light-dark(#d9dee7, #2f3541));
  --error: var(--wt-error, light-dark(#b3261e, #ff9d94));
  --mono: var(--wt-mono, ui-monospace, Menlo, Consolas, monospace);
  --soft: color-mix(in srgb, var(--fg) 4%, var(--bg));
  --string: light-dark(#1a6e3c, #8fd6a4);
  --keyword: light-dark(#8a2aa5, #d9a3f0);
  --number: light-dark(#a04a00, #f0b27a);
  color-scheme: light dark;
  display: block;
  margin: 16px 0;
  overflow: hidden;
  color: var(--fg);
  background: var(--bg);
  border: 1px solid var(--border);
  border-radius: 10px;
  font: 14px/1.5 system-ui, sans-serif;
  text-align: start;
  scrollbar-color: var(--border) transparent;
}
:host([hidden]) { display: none; }
.scroller { overflow-x: auto; scrollbar-width: thin; background: var(--soft); }
.editor { position: relative; width: max-content; min-width: 100%; box-sizing: border-box; }
.text, textarea, .output { font: 14px/21px var(--mono); letter-spacing: normal; tab-size: 4; }
.text { counter-reset: line; padding: 12px 0; min-height: 42px; user-select: none; }
.line { padding-right: 32px; min-height: 21px; white-space: pre; }
.line::before {
  counter-increment: line; content: counter(line);
  position: sticky; left: 0; display: inline-block; box-sizing: border-box;
  width: 44px; padding-right: 14px; text-align: right; color: var(--muted); background: var(--soft);
}
.line.wrong { background: color-mix(in srgb, var(--error) 10%, transparent); }
.line.wrong::before {
  color: var(--error); box-shadow: inset 3px 0 var(--error);
  background: color-mix(in srgb, var(--error) 10%, var(--soft));
}
.comment { color: var(--muted); }
.string { color: var(--string); }
.keyword { color: var(--keyword); }
.number { color: var(--number); }
textarea {
  position: absolute; inset: 0; box-sizing: border-box; width: 100%; height: 100%; margin: 0;
  padding: 12px 0 12px 44px; border: 0; border-radius: 0; outline: 0; overflow: hidden; resize: none;
  white-space: pre; color: transparent; caret-color: var(--fg); background: none;
}
textarea::selection { color: transparent; background: color-mix(in srgb, var(--accent) 30%, transparent); }
.scroller:has(:focus-visible) { box-shadow: inset 0 0 0 2px var(--accent); }
.bar {
  display: flex; flex-wrap: wrap; align-items: center; gap: 8px; padding: 8px 12px;
  border-top: 1px solid var(--border);
}
button {
  display: inline-flex; align-items: center; gap: 7px; min-height: 32px; padding: 4px 14px; cursor: pointer;
  font: 600 14px/1.4 system-ui, sans-serif; color: var(--fg); background: transparent;
  border: 1px solid var(--border); border-radius: 7px;
}
button::before { content: ""; width: 9px; height: 10px; background: currentColor; }
.run { color: var(--bg); background: var(--accent); border-color: transparent; }
.run::before { clip-path: polygon(0 0, 100% 50%, 0 100%); }
.stop::before { height: 9px; border-radius: 1.5px; }
button:hover { filter: brightness(1.08); }
button:focus-visible, .output:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.output:focus-visible { outline-offset: -2px; }
button[aria-disabled=true] { opacity: .5; cursor: default; filter: none; }
.status { flex: 1 1 0; min-width: 9em; color: var(--muted); text-align: right; }
:host([busy]) .status::before {
  content: ""; display: inline-block; width: 8px; height: 8px; margin-right: 8px; border-radius: 50%;
  background: var(--accent); animation: breathe 1.4s ease-in-out infinite alternate;
}
@keyframes breathe { to { opacity: .25; } }
.output {
  max-height: 420px; overflow: auto; padding: 12px; border-top: 1px solid var(--border);
  white-space: pre-wrap; overflow-wrap: anywhere;
}
.output:empty { padding: 0; border: 0; } /* still there, for it is a live region */
.stderr { color: var(--muted); }
.error { color: var(--error); }
.error b { display: block; font-family: system-ui, sans-serif; }
summary { margin-top: 6px; color: var(--muted); font-family: system-ui, sans-serif; cursor: pointer; }
.hint { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
@media (pointer: coarse) {
  .text, textarea { font-size: 16px; } /* less makes iOS zoom in */
  button { min-height: 44px; }
}
@media (prefers-reduced-motion: reduce) { .status::before { animation: none !important; } }
@media (forced-colors: active) {
  .line, .line > span { forced-color-adjust: none; color: transparent; }
  .line::before { color: CanvasText; background: Canvas; }
  .line.wrong { outline: 1px solid CanvasText; }
}`;

const TOKENS = new RegExp(
  [
    /(?<comment>#.*)/,
    /(?<string>[rbfut]{0,2}(?:"""[^]*?(?:"""|$)|'''[^]*?(?:'''|$)|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?))/,
    /(?<keyword>\b(?:False|None|True|and|as|assert|async|await|break|class|continue|def|del|elif|else|except|finally|for|from|global|if|import|in|is|lambda|nonlocal|not|or|pass|raise|return|try|while|with|yield)\b)/,
    /(?<number>\b\d(?:[\w.]|(?<=e)[+-])*)/,
    /(?<name>\w+)/, // so that no keyword or string is found inside a name
  ].map((pattern) => pattern.source).join("|"),
  "gi",
);

/** Characters of output that a run may show. */
const MAXIMUM_OUTPUT = 200_000;

function element(name, className, ...children) {
  const result = document.createElement(name);
  result.className = className;
  result.append(...children);
  return result;
}

/** The code as one element per line, its tokens as spans. */
function highlighted(code, wrongLine) {
  const lines = [element("div", "line")];
  const add = (text, className) => {
    text.split("\n").forEach((piece, index) => {
      if (index) lines.push(element("div", "line"));
      if (piece) lines.at(-1).append(className ? element("span", className, piece) : piece);
    });
  };
  let end = 0;
  for (const { 0: token, index, groups } of code.matchAll(TOKENS)) {
    add(code.slice(end, index));
    add(token, ["comment", "string", "keyword", "number"].find((kind) => groups[kind]));
    end = index + token.length;
  }
  add(code.slice(end));
  lines[wrongLine - 1]?.classList.add("wrong");
  return lines;
}

/** Text of the page as code: without empty lines around it and without its common indentation. */
function dedented(text) {
  const lines = text.replace(/^\s*\n|\s+$/g, "").split("\n");
  const indents = lines.filter((line) => line.trim()).map((line) => line.search(/\S/));
  return lines.map((line) => line.slice(Math.min(...indents))).join("\n");
}

export function defineCell(webtensor) {
  let sheet; // one for all cells; made here, since style elements fall to a strict policy

  class WebTensorCell extends HTMLElement {
    static observedAttributes = ["label"];
    #hasCode = false;
    #wrongLine = 0;
    #tabLeaves = false;
    #abort = null;
    #keepsVariables = false;
    #shown = 0;

    #text = element("div", "text");
    #area = element("textarea", "");
    #run = element("button", "run", "Run");
    #stop = element("button", "stop", "Stop");
    #status = element("span", "status");
    #output = element("div", "output");

    constructor() {
      super();
      if (!sheet) (sheet = new CSSStyleSheet()).replaceSync(STYLE);
      const root = this.attachShadow({ mode: "open", delegatesFocus: true });
      root.adoptedStyleSheets = [sheet];
      const hint = element("span", "hint", "Tab indents. Escape, then Tab, leaves the editor. Control or Command and Enter runs.");
      const scroller = element("div", "scroller", element("div", "editor", this.#text, this.#area));
      const bar = element("div", "bar", this.#run, this.#stop, this.#status);
      root.append(scroller, hint, bar, this.#output);

      scroller.part = "editor";
      bar.part = "bar";
      this.#run.part = "run";
      this.#stop.part = "stop";
      this.#output.part = "output";
      hint.id = "hint";
      this.#text.ariaHidden = "true";
      this.#status.role = "status";
      this.#output.role = "log"; // which is a polite live region
      this.#output.ariaLabel = "Output";
      this.#run.title = "Control or Command and Enter";
      this.#run.type = this.#stop.type = "button";
      const attributes = { "aria-describedby": "hint", autocapitalize: "off", autocomplete: "off",
        autocorrect: "off", spellcheck: "false", translate: "no", wrap: "off" };
      for (const [name, value] of Object.entries(attributes)) this.#area.setAttribute(name, value);
      this.attributeChangedCallback();

      this.#area.addEventListener("input", () => this.#edited());
      this.#area.addEventListener("keydown", (event) => this.#key(event));
      // The surrounding element scrolls: text scrolled inside would leave its colours behind.
      this.#area.addEventListener("scroll", () => this.#area.scrollTo(0, 0));
      this.#run.addEventListener("click", () => this.run());
      this.#stop.addEventListener("click", () => this.stop());
      this.#busy(false);
    }

    connectedCallback() {
      webtensor.addEventListener("progress", this);
      webtensor.addEventListener("restart", this);
      // A script that is loaded "async" can come before the parser has read this element's content.
      if (document.readyState === "loading") addEventListener("DOMContentLoaded", () => this.#begin(), { once: true });
      else this.#begin();
    }

    disconnectedCallback() {
      webtensor.removeEventListener("progress", this);
      webtensor.removeEventListener("restart", this);
      this.stop();
    }

    attributeChangedCallback() {
      this.#area.ariaLabel = this.getAttribute("label") ?? "Python code";
    }

    get code() {
      this.#readCode();
      return this.#area.value;
    }

    set code(code) {
      this.#hasCode = true;
      this.#area.value = code;
      this.#edited();
    }

      async run() {
      if (this.#abort) return;
      const { code } = this;
      const namespace = this.getAttribute("namespace") || undefined;
      const began = performance.now();
      const seconds = () => (performance.now() - began) / 1000;
      this.#abort = new AbortController();
      this.#shown = 0;
      this.#output.replaceChildren();
      this.#markLine(0);
      this.#busy(true);
      this.#say("Running");
      this.#dispatch("run", { code });
      try {
        const text = await webtensor.run(code, {
          namespace,
          display: true,
          signal: this.#abort.signal,
          onOutput: (piece, stream) => this.#write(piece, stream),
        });
        this.#keepsVariables = Boolean(namespace);
        if (text !== null) this.#write(text, "result");
        this.#say(`Done in ${seconds().toFixed(2)} s`);
        this.#dispatch("done", { text, seconds: seconds() });
      } catch (error) {
        this.#showError(error);
        this.#dispatch("error", { error, seconds: seconds() });
      } finally {
        this.#abort = null;
        this.#busy(false);
        const { scrollHeight, clientHeight } = this.#output;
        if (scrollHeight > clientHeight) this.#output.tabIndex = 0; // so that keys can scroll it
        else this.#output.removeAttribute("tabindex");
      }
    }

    stop() {
      if (!this.#abort) return;
      this.#say("Stopping");
      this.#abort.abort();
    }

    handleEvent({ type, detail }) {
      if (type === "restart") {
        if (this.#keepsVariables) this.#say("Python was restarted: the variables of earlier runs are gone");
        this.#keepsVariables = false;
      } else if (this.#abort && !this.#abort.signal.aborted) {
        this.#say(detail.stage === "ready" ? "Running" : detail.text);
      }
    }

    #begin() {
      this.#readCode();
      if (this.hasAttribute("autorun")) this.run();
    }

    #readCode() {
      if (!this.#hasCode) this.code = dedented(this.getAttribute("code") ?? this.textContent);
    }

    #edited() {
      this.#markLine(0);
    }

    #markLine(line) {
      this.#text.replaceChildren(...highlighted(this.#area.value, line));
      this.#area.ariaInvalid = line ? "true" : null;
    }

    #key(event) {
      const { key, ctrlKey, metaKey, shiftKey, altKey } = event;
      if (key === "Enter" && (ctrlKey || metaKey)) this.run();
      else if (key === "Enter" && !event.isComposing) this.#insert(`\n${this.#indentation()}`);
      else if (key === "Tab" && !this.#tabLeaves && !shiftKey && !ctrlKey && !altKey) this.#insert("    ");
      else {
        this.#tabLeaves = key === "Escape";
        if (this.#tabLeaves && !this.#abort) this.#say("Tab leaves the editor");
        return;
      }
      event.preventDefault();
    }

    /** The indentation that the line after the caret's has. */
    #indentation() {
      const line = this.#area.value.slice(0, this.#area.selectionStart).split("\n").at(-1);
      return line.match(/^\s*/)[0] + (/:\s*$/.test(line) ? "    " : "");
    }

    #insert(text) {
      // Deprecated, and still the only way to insert that keeps undo; false where it is gone.
      if (document.execCommand("insertText", false, text)) return;
      const { selectionStart, selectionEnd } = this.#area;
      this.#area.setRangeText(text, selectionStart, selectionEnd, "end");
      this.#edited();
    }

    #write(text, className) {
      const room = MAXIMUM_OUTPUT - this.#shown;
      this.#shown += text.length;
      if (room <= 0) return;
      const piece = text.length > room ? `${text.slice(0, room)}\n… more output is not shown` : text;
      const last = this.#output.lastElementChild;
      if (last?.className === className) last.append(piece);
      else this.#output.append(element("div", className, piece));
      this.#output.scrollTo(0, this.#output.scrollHeight);
    }

    #showError(error) {
      if (error.name === "AbortError") return this.#say("Stopped");
      const where = error.line ? ` on line ${error.line}` : "";
      const message = element("div", "error", element("b", "", `${error.name}${where}`), error.message);
      // One frame says nothing that the line does not.
      if (error.traceback?.match(/^ +File /gm)?.length > 1) {
        message.append(element("details", "", element("summary", "", "Traceback"), error.traceback));
      }
      this.#output.append(message);
      this.#markLine(error.line ?? 0);
      this.#say(`Error${where}`);
    }

    #busy(busy) {
      this.toggleAttribute("busy", busy);
      // Not `disabled`: the button that was pressed must keep the focus.
      this.#run.ariaDisabled = String(busy);
      this.#stop.ariaDisabled = String(!busy);
    }

    #say(text) {
      this.#status.textContent = text;
    }

    #dispatch(type, detail) {
      this.dispatchEvent(new CustomEvent(type, { detail }));
    }
  }

  customElements.define("webtensor-cell", WebTensorCell);
}
