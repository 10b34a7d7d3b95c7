// Checks that tests/browser/test_layout.py runs in a page; each returns its findings as lines of text.

const LARGE_PX = 24, LARGE_BOLD_PX = 18.66, BOLD = 700;
const ENOUGH = 4.5, ENOUGH_WHEN_LARGE = 3;

/** All elements, those in open shadow roots too. */
function* everything(root) {
  for (const element of root.querySelectorAll("*")) {
    yield element;
    if (element.shadowRoot) yield* everything(element.shadowRoot);
  }
}

function parent(element) {
  return element.assignedSlot ?? element.parentElement ?? element.getRootNode().host ?? null;
}

function* upwards(element) {
  for (let one = element; one; one = parent(one)) yield one;
}

function isShown(element) {
  return element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
}

/** Only for people who look at nothing: a box of a pixel, or clipped away. */
function isForReadersOnly(element) {
  for (const one of upwards(element)) {
    const { width, height } = one.getBoundingClientRect();
    const { position, clipPath } = getComputedStyle(one);
    if (position === "absolute" && (width <= 1 || height <= 1 || clipPath.startsWith("inset(50%"))) return true;
  }
  return false;
}

function described(element) {
  const name = element.tagName.toLowerCase() + (element.id ? `#${element.id}` : "");
  const text = element.textContent.trim().slice(0, 30);
  return `${name}${[...element.classList].map((one) => `.${one}`).join("")} "${text}"`;
}

const paint = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });

/** Any CSS colour as [red, green, blue, alpha], each from 0 to 1. */
function colour(css) {
  paint.clearRect(0, 0, 1, 1);
  paint.fillStyle = css;
  paint.fillRect(0, 0, 1, 1);
  return [...paint.getImageData(0, 0, 1, 1).data].map((value) => value / 255);
}

function over([red, green, blue, alpha], below) {
  const mix = (upper, lower) => upper * alpha + lower * (1 - alpha);
  return [mix(red, below[0]), mix(green, below[1]), mix(blue, below[2]), 1];
}

/** What is painted behind the element's text; the page's own ground is white or black as the scheme says. */
function background(element) {
  const scheme = getComputedStyle(document.documentElement).colorScheme;
  const dark = scheme === "dark" || (scheme.includes("dark") && matchMedia("(prefers-color-scheme: dark)").matches);
  const layers = [];
  for (const one of upwards(element)) {
    const layer = colour(getComputedStyle(one).backgroundColor);
    layers.unshift(layer);
    if (layer[3] === 1) break;
  }
  return layers.reduce((below, layer) => over(layer, below), dark ? [0.07, 0.07, 0.07, 1] : [1, 1, 1, 1]);
}

function luminance(rgb) {
  const [red, green, blue] = rgb.map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one, other) {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** WCAG exempts what cannot be used just now. */
function isDisabled(element) {
  for (const one of upwards(element)) {
    if (one.matches(":disabled, [aria-disabled=true], .off")) return true;
    if (one.tagName === "LABEL" && one.control?.disabled) return true;
  }
  return false;
}

function hasOwnText(element) {
  return [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
}

function lowContrast(root) {
  const findings = [];
  for (const element of everything(root)) {
    const isField = element.matches("input:not([type=radio], [type=checkbox], [type=range]), select");
    if (!(hasOwnText(element) || isField) || element.matches("script, style, noscript, option, title")) continue;
    if (!isShown(element) || isForReadersOnly(element) || isDisabled(element)) continue;
    const style = getComputedStyle(element);
    const isSvg = element instanceof SVGElement;
    const below = background(element);
    const ink = colour(isSvg ? style.fill : style.color);
    for (const one of upwards(element)) ink[3] *= Number(getComputedStyle(one).opacity);
    if (ink[3] === 0) continue; // the cell's editor: its text is shown by the element below it
    const ratio = contrast(over(ink, below), below);
    const size = parseFloat(style.fontSize);
    const large = size >= LARGE_PX || (size >= LARGE_BOLD_PX && Number(style.fontWeight) >= BOLD);
    const enough = large ? ENOUGH_WHEN_LARGE : ENOUGH;
    // Colours are rounded to 8 bits on the way here.
    if (ratio < enough - 0.05) findings.push(`${ratio.toFixed(2)} < ${enough}: ${described(element)}`);
  }
  return findings;
}

function darkness() {
  return [luminance(background(document.body)) < 0.2 ? "dark" : "light"];
}

function nameOf(element) {
  const byIds = (element.getAttribute("aria-labelledby") ?? "").split(/\s+/).filter(Boolean)
    .map((id) => element.getRootNode().getElementById(id)?.textContent ?? "");
  const labels = [...(element.labels ?? [])].map((label) => label.textContent);
  const text = element.matches("a, button, summary") ? element.textContent : "";
  const image = [...element.querySelectorAll?.("img[alt], svg title") ?? []].map((one) => one.alt ?? one.textContent);
  return [element.ariaLabel ?? "", ...byIds, ...labels, text, ...image].join("").trim();
}

const CONTROLS = "a[href], button, input:not([type=hidden]), select, textarea, summary, [role=region], [role=group], "
  + "[role=img], progress, nav, fieldset";

function unnamedControls(root) {
  const findings = [];
  for (const element of everything(root)) {
    if (!element.matches(CONTROLS)) continue;
    const legend = element.tagName === "FIELDSET" ? element.querySelector("legend")?.textContent : "";
    if (!nameOf(element) && !legend?.trim()) findings.push(`no name: ${described(element)}`);
  }
  for (const image of root.querySelectorAll("img:not([alt])")) findings.push(`no alt: ${image.src}`);
  return findings;
}

function structure(root) {
  const findings = [];
  if (!document.documentElement.lang) findings.push("html has no lang");
  if (root.querySelectorAll("h1").length !== 1) findings.push("there is not one h1");
  if (root.querySelectorAll("main").length !== 1) findings.push("there is not one main");
  const seen = new Set();
  for (const { id } of root.querySelectorAll("[id]")) {
    if (seen.has(id)) findings.push(`id twice: ${id}`);
    seen.add(id);
  }
  for (const name of ["aria-labelledby", "aria-describedby", "for"]) {
    for (const element of root.querySelectorAll(`[${name}]`)) {
      for (const id of element.getAttribute(name).split(/\s+/)) {
        if (!seen.has(id)) findings.push(`${name} points to nothing: ${id}`);
      }
    }
  }
  let depth = 0;
  for (const heading of root.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
    if (!isShown(heading)) continue;
    const level = Number(heading.tagName[1]);
    if (level > depth + 1) findings.push(`a level is left out: ${described(heading)}`);
    depth = level;
  }
  for (const button of root.querySelectorAll("form button:not([type])")) {
    findings.push(`submits by accident: ${described(button)}`);
  }
  return findings;
}

function focused() {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element;
}

/** The focused element, or one that it lies in, is marked: by outline, shadow or border. */
function focusIsVisible() {
  const element = focused();
  if (!element || element === document.body) return [];
  const marked = (one, pseudo) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one, pseudo);
    return (outlineStyle !== "none" && parseFloat(outlineWidth) > 0) || boxShadow !== "none";
  };
  // A hidden radio button shows its focus on the label beside it; the cell's editor around itself.
  const near = [element, element.nextElementSibling, parent(element), parent(parent(element) ?? element)];
  if (near.some((one) => one && marked(one))) return [];
  // A link that is only there while it has the focus needs no other mark.
  if (element.matches(".skip") && element.getBoundingClientRect().top >= 0) return [];
  return [`focus is not visible: ${described(element)}`];
}

/** What sticks out of the window and is not in something that scrolls by itself. */
function overflowing(root) {
  const width = document.documentElement.clientWidth;
  const findings = [];
  for (const element of everything(root)) {
    if (!isShown(element) || isForReadersOnly(element)) continue;
    const box = element.getBoundingClientRect();
    if (box.width === 0 || box.right <= width + 1) continue;
    const clipped = [...upwards(element)].slice(1).some((one) => {
      return getComputedStyle(one).overflowX !== "visible" && one.getBoundingClientRect().right <= width + 1;
    });
    if (!clipped) findings.push(`${described(element)} ends at ${box.right.toFixed(0)} of ${width}`);
  }
  return findings;
}
