// Before blank.js: when WebAssembly is asked for, compiled, and what was downloaded until then.
{
  const spans = [];
  for (const name of ["instantiateStreaming", "compileStreaming", "instantiate", "compile"]) {
    const original = WebAssembly[name];
    WebAssembly[name] = async (...operands) => {
      const begin = performance.now();
      const size = operands[0]?.byteLength ?? Infinity;
      try {
        return await original.apply(WebAssembly, operands);
      } finally {
        spans.push({ begin, end: performance.now(), size });
      }
    };
  }

  window.probe = {
    finish() {
      const ready = performance.getEntriesByName("python ready")[0].startTime;
      // The longest one is the interpreter; extension modules are compiled later, one by one.
      const main = spans.reduce((one, other) => (other.end - other.begin > one.end - one.begin ? other : one));
      const loaded = performance.getEntriesByType("resource").filter(({ responseEnd }) => responseEnd < ready);
      return {
        downloads: Math.max(...loaded.map(({ responseEnd }) => responseEnd)),
        compile: main.end - main.begin,
        start: ready - main.end,
        ready,
      };
    },
  };
  addEventListener("DOMContentLoaded", () => window.ready.then(() => performance.mark("python ready")));
}
