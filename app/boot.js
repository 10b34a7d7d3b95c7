// Before anything else: storage that never throws, the colour theme that was chosen last time, so that nothing flashes,
// and an eye on what can keep PyScript itself from starting, since the page's own logic (app/main.py) could not tell then.

/** localStorage for app/store.py: MicroPython cannot catch what JavaScript throws. */
globalThis.webtensorStorage = {
  read(key) {
    try {
      return localStorage.getItem(key) ?? "";
    } catch {
      return ""; // storage is off
    }
  },
  keep(key, text) {
    try {
      localStorage.setItem(key, text);
      return true;
    } catch {
      return false; // storage is off or full
    }
  },
};

{
  const root = document.documentElement;
  /** How long the page's logic may take before the page says that something is in its way. */
  const PATIENCE_MS = 20_000;

  root.dataset.state = "loading";
  const theme = webtensorStorage.read("webtensor.theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;

  const failures = [];
  const live = () => "live" in root.dataset;

  function showFailure(reason) {
    if (root.dataset.state !== "loading") return;
    const title = live() ? "Python could not start" : "The page's own code could not start";
    const show = () => {
      root.dataset.state = "error";
      document.getElementById("error-title").textContent = title;
      document.getElementById("error-detail").textContent = reason;
      document.getElementById("error-advice").textContent =
        "Reload the page. If that does not help, look whether an extension or a policy blocks " +
        "WebAssembly or scripts here, or try a current version of Chrome, Edge, Firefox or Safari.";
      document.getElementById("error").hidden = false;
      document.querySelector("#state .word").textContent = "Not started";
    };
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", show);
    else show();
  }

  function note(reason) {
    failures.push(reason);
    // Not every failure stops the start: what is still loading a while later has been stopped.
    setTimeout(() => showFailure(failures.join("\n")), live() ? 10_000 : 4000);
  }

  addEventListener(
    "error",
    (event) => {
      const failed = event.target?.src || event.target?.href;
      if (event.message) note(event.message);
      else if (event.target?.tagName === "SCRIPT") note(`${failed} could not be loaded.`);
    },
    true,
  );
  addEventListener("unhandledrejection", ({ reason }) => note(String(reason?.message ?? reason)));
  setTimeout(() => {
    if (!live()) showFailure("It took too long: the connection may be very slow.");
  }, PATIENCE_MS);

  document.addEventListener("click", ({ target }) => {
    if (target.id === "error-reload") location.reload();
  });

  // Offline use after the first visit. Only once Python runs, so that keeping files does not compete with starting.
  document.addEventListener("webtensor:ready", () => {
    setTimeout(() => navigator.serviceWorker?.register("sw.js").catch(() => {}), 1000);
  });
}
