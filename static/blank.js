// The blank page: Pyodide with numpy and webtensor installed, nothing imported, no device touched.
// A classic script, so that `window.ready` is there for every script after it; it resolves to `window.pyodide`.
{
  const root = new URL("../", document.currentScript.src);

  const start = async () => {
    const [build, { loadPyodide }] = await Promise.all([
      fetch(new URL("build.json", root)).then((response) => {
        if (!response.ok) throw new Error(`build.json: HTTP status ${response.status}`);
        return response.json();
      }),
      import(new URL("pyodide/pyodide.mjs", root)),
    ]);
    const indexURL = new URL("pyodide/", root).href;
    return loadPyodide({
      indexURL,
      packageBaseUrl: indexURL, // a package that is not there must not be looked for elsewhere
      packages: ["numpy", new URL(build.wheel, root).href], // these download while Python starts
    });
  };

  window.ready = start().then((pyodide) => (window.pyodide = pyodide));
}
