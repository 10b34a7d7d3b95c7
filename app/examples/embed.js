// What a page does with `webtensor`, which webtensor.js puts there.

const form = document.querySelector("#multiply");
const output = document.querySelector("#product");

const PYTHON = `
import webtensor as wt

wt.asarray(a) @ wt.asarray(b)
`;

function randomMatrix(size) {
  return { data: Float32Array.from({ length: size * size }, Math.random), shape: [size, size] };
}

// Downloads and starts take a moment: say so.
webtensor.addEventListener("progress", ({ detail }) => {
  output.textContent = detail.text;
});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const size = form.elements.size.valueAsNumber;
  const inputs = { a: randomMatrix(size), b: randomMatrix(size) };
  output.textContent = "Running";
  try {
    const { data, shape, dtype } = await webtensor.run(PYTHON, { inputs });
    const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
    output.textContent = `${shape.join(" × ")} ${dtype}, its entries ${mean.toFixed(2)} on average`;
  } catch (error) {
    output.textContent = `${error.name}: ${error.message}`;
  }
});
