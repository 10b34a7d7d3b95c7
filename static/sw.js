// Keeps the site usable offline after the first load. build.py fills in the hash, the files and the other hosts.
// While there is a network everything comes from there, through the browser's own caches: a new release shows at once,
// and no page is ever made of two releases. To start from the Cache object instead was not faster (measured).
const BUILD = "@build-hash@";
const FILES = ["@files@"];
// Folders elsewhere that a build made with --cdn takes Python from.
const HOSTS = ["@hosts@"];

const { scope } = self.registration;
const OURS = `webtensor ${scope} `;
const CACHE = OURS + BUILD;
const KEPT = new Set(FILES.map((file) => new URL(file, scope).href));

async function fillCache() {
  const cache = await caches.open(CACHE);
  await cache.addAll(FILES);
}

async function removeOldCaches() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(OURS) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
}

// What is not kept from the start is kept when it is first used.
async function keep(request, response) {
  const cache = await caches.open(CACHE);
  await cache.put(request, response);
}

async function answer(event) {
  const { request } = event;
  try {
    const response = await fetch(request);
    const kept = KEPT.has(request.url.split(/[?#]/)[0]);
    if (!kept && response.ok && response.type !== "opaque") event.waitUntil(keep(request, response.clone()));
    return response;
  } catch (error) {
    const cache = await caches.open(CACHE);
    const found = await cache.match(request, { ignoreSearch: request.mode === "navigate" });
    if (found) return found;
    throw error;
  }
}

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(fillCache());
});

self.addEventListener("activate", (event) => {
  event.waitUntil(removeOldCaches().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || request.headers.has("range")) return;
  if ([scope, ...HOSTS].some((folder) => request.url.startsWith(folder))) event.respondWith(answer(event));
});
