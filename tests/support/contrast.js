// Returns every text of a document that has less contrast with what is behind it than WCAG 2 AA
// asks for, as [ratio, text, colour, ground]. Run with the document's body as argument.

function linear(part) {
  const c = part / 255;
  return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
}

function luminance([r, g, b]) {
  return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
}

function parsed(colour) {
  const numbers = colour.match(/[\d.]+/g).map(Number);
  return numbers.length === 3 ? [...numbers, 1] : numbers;
}

function over(top, below) {
  return [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3]));
}

function ground(element) {
  const layers = [];
  for (let at = element; at; at = at.parentElement) {
    const colour = parsed(at.ownerDocument.defaultView.getComputedStyle(at).backgroundColor);
    layers.push(colour);
    if (colour[3] === 1) break;
  }
  return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255]);
}

function weak(body) {
  const found = [];
  const view = body.ownerDocument.defaultView;
  const texts = body.ownerDocument.createTreeWalker(body, 4);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    const text = texts.currentNode.data.trim();
    if (!text || element.closest("style, script, noscript, option, mjx-assistive-mml")) continue;
    if (element.closest(":disabled") || !element.checkVisibility()) continue;
    const style = view.getComputedStyle(element);
    const behind = ground(element);
    const colour = over(parsed(style.color), behind);
    const [light, dark] = [luminance(colour), luminance(behind)].sort((a, b) => b - a);
    const ratio = (light + 0.05) / (dark + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) {
      found.push([ratio.toFixed(2), text.slice(0, 40), style.color, behind.join(",")]);
    }
  }
  return found;
}

return weak(arguments[0]);
