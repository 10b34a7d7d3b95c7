// What every contender's page does alike, so that all are measured in the same way. The address names
// the contender's module, which exports
//   open(): asks for the device → GPUDevice
//   upload(operands, work): [{data: Float32Array, shape}] → whatever `build` wants, on the device
//   build(uploaded, work) → {
//     call(): queues one run; may give a promise that resolves once it is queued
//     settle(): optional; resolves when all that was queued is done
//     read(): → Float32Array of the last run's result, in the reference's order
//     release(): frees it
//   }
// `work` is a workload: {operation, operands: [{url, shape}], output, attributes, model}.

const isFirefox = /firefox/i.test(navigator.userAgent);
const TEXT_CHUNK = 0x8000;

const module = await import(`./${new URLSearchParams(location.search).get("contender")}.js`);
const device = await module.open();
let current;

// Firefox resolves the queue's promises only when it polls, about every 100 ms; an empty submit
// makes it poll.
async function queueDone() {
  let pending = true;
  const done = device.queue.onSubmittedWorkDone().finally(() => { pending = false; });
  const poke = () => {
    if (!pending) return;
    device.queue.submit([]);
    setTimeout(poke, 1);
  };
  if (isFirefox) poke();
  return done;
}

async function timed(calls) {
  const begin = performance.now();
  for (let call = 0; call < calls; call++) {
    const queued = current.call();
    if (queued) await queued;
  }
  await (current.settle ? current.settle() : queueDone());
  return performance.now() - begin;
}

async function operand({ url, shape }) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: HTTP status ${response.status}`);
  return { data: new Float32Array(await response.arrayBuffer()), shape };
}

function base64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += TEXT_CHUNK) {
    text += String.fromCharCode(...bytes.subarray(at, at + TEXT_CHUNK));
  }
  return btoa(text);
}

const { vendor, architecture, device: name, description, isFallbackAdapter } = device.adapterInfo;

window.contender = {
  adapter: {
    text: [vendor, architecture, name, description].filter(Boolean).join(" "),
    software: Boolean(isFallbackAdapter),
  },

  // Uploads, then compiles and runs once → milliseconds of the latter.
  async prepare(work) {
    const operands = await Promise.all(work.operands.map(operand));
    const uploaded = await module.upload(operands, work);
    await queueDone();
    const begin = performance.now();
    current = await module.build(uploaded, work);
    await timed(1);
    return performance.now() - begin;
  },

  // Queues runs and waits for them → milliseconds of all.
  repeat: timed,

  // → the last result's bytes, float32, as base64.
  async result() {
    const values = await current.read();
    return base64(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  },

  async release() {
    await current?.release();
    current = undefined;
  },
};
