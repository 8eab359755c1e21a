// Charts in SVG: lines over a number, with bars and a shaded part behind them, that are read
// by pointer or arrow keys and saved as SVG or PNG.
'use strict';

const SVG = 'http://www.w3.org/2000/svg';

// tint is a colour of the style sheet as it is now: saved pictures have no style sheet.
function tint(name) {
  return getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();
}

function draw(parent, tag, attributes, text) {
  const e = document.createElementNS(SVG, tag);
  for (const k in attributes) e.setAttribute(k, attributes[k]);
  if (text !== undefined) e.textContent = text;
  parent.appendChild(e);
  return e;
}

// show writes a number with at most five digits.
function show(x) {
  if (x === null || x === undefined || !isFinite(x)) return '–';
  const a = Math.abs(x);
  if (a !== 0 && (a < 1e-3 || a >= 1e7)) return x.toExponential(3);
  return String(+x.toPrecision(5));
}

// brief is show for the ends of an axis: 20k rather than 20000.
function brief(x) {
  const a = Math.abs(x);
  if (a >= 1e9) return +(x / 1e9).toPrecision(4) + 'G';
  if (a >= 1e6) return +(x / 1e6).toPrecision(4) + 'M';
  if (a >= 1e4) return +(x / 1e3).toPrecision(4) + 'k';
  if (a !== 0 && a < 1e-3) return x.toExponential().replace('e-', 'e−');
  return String(+x.toPrecision(6)).replace('-', '−');
}

// ticks are round numbers between two numbers, about n of them.
function ticks(lo, hi, n) {
  const raw = (hi - lo) / n, power = Math.pow(10, Math.floor(Math.log10(raw)));
  const step = [1, 2, 5, 10].map(k => k * power).find(s => s >= raw) || 10 * power;
  const out = [];
  for (let k = Math.ceil(lo / step - 1e-9); k * step <= hi + 1e-9 * step; k++) out.push(+(k * step).toPrecision(12));
  return out;
}

// logTicks are powers of ten, and what is between them if they are few.
function logTicks(lo, hi) {
  for (const factors of [[1], [1, 3], [1, 2, 5]]) {
    const out = [];
    for (let e = Math.floor(Math.log10(lo)); e <= Math.ceil(Math.log10(hi)); e++)
      for (const f of factors) {
        const t = f * Math.pow(10, e);
        if (t >= lo * 0.999 && t <= hi * 1.001) out.push(+t.toPrecision(3));
      }
    if (out.length >= 3 || factors.length === 3) {
      const every = Math.ceil(out.length / 7);
      return out.filter((_, i) => i % every === 0);
    }
  }
}

// range is that of the numbers, with some room, or a default one.
function range(values, log) {
  let lo = Infinity, hi = -Infinity;
  for (const v of values) if (v !== null && isFinite(v) && (!log || v > 0)) { lo = Math.min(lo, v); hi = Math.max(hi, v); }
  if (lo > hi) return log ? [0.1, 1] : [0, 1];
  if (log) return hi / lo < 1.2 ? [lo / 1.5, hi * 1.5] : [lo / 1.05, hi * 1.05];
  if (hi - lo < 1e-9 * Math.max(1, Math.abs(hi))) { const d = Math.abs(hi) * 0.1 || 1; return [lo - d, hi + d]; }
  const room = 0.04 * (hi - lo);
  return [lo - room, hi + room];
}

// plot draws into an SVG element of a width and height: what.lines [{name, colour, dash,
// points: [[x, y]], dots}], what.bars {from, to, counts}, what.shade [a, b], what.log, what.x,
// the name of the axis, and what.still, that the lines' last values say nothing. It returns the functions from numbers to places.
function plot(svg, width, height, what, small) {
  svg.replaceChildren();
  svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
  svg.setAttribute('height', height);
  const left = small ? 4 : 52, right = small ? 4 : 12, top = small ? 4 : 8, bottom = small ? 4 : 34;
  const xs = [], ys = [];
  for (const l of what.lines) for (const [x, y] of l.points) { xs.push(x); ys.push(y); }
  if (what.bars) xs.push(what.bars.from, what.bars.to);
  let [x0, x1] = [xs.reduce((a, b) => Math.min(a, b), Infinity), xs.reduce((a, b) => Math.max(a, b), -Infinity)];
  if (x0 > x1) { x0 = 0; x1 = 1; }
  if (x0 === x1) { x0 -= 1; x1 += 1; }
  const [y0, y1] = range(ys, what.log);
  const f = what.log ? Math.log : v => v;
  const X = x => left + (x - x0) / (x1 - x0) * (width - left - right);
  const Y = y => height - bottom - (f(y) - f(y0)) / (f(y1) - f(y0)) * (height - top - bottom);
  draw(svg, 'rect', { width, height, fill: tint('card') });
  if (what.shade) draw(svg, 'rect', { x: X(what.shade[0]), y: top, width: X(what.shade[1]) - X(what.shade[0]), height: height - top - bottom, fill: tint('domain') });
  if (what.bars) {
    const most = Math.max(1, ...what.bars.counts), n = what.bars.counts.length;
    const wide = (X(what.bars.to) - X(what.bars.from)) / n;
    what.bars.counts.forEach((c, i) => {
      const h = c / most * (height - top - bottom) * 0.6;
      if (c) draw(svg, 'rect', { x: X(what.bars.from) + i * wide, y: height - bottom - h, width: Math.max(0.5, wide - 0.6), height: h, fill: tint('bars') });
    });
  }
  if (!small) {
    const text = { 'font-family': 'system-ui, sans-serif', 'font-size': 11, fill: tint('soft') };
    for (const t of ticks(x0, x1, Math.max(2, width / 90))) {
      draw(svg, 'line', { x1: X(t), x2: X(t), y1: top, y2: height - bottom, stroke: tint('grid') });
      draw(svg, 'text', { ...text, x: X(t), y: height - bottom + 14, 'text-anchor': 'middle' }, brief(t));
    }
    for (const t of what.log ? logTicks(y0, y1) : ticks(y0, y1, 5)) {
      draw(svg, 'line', { x1: left, x2: width - right, y1: Y(t), y2: Y(t), stroke: tint('grid') });
      draw(svg, 'text', { ...text, x: left - 5, y: Y(t) + 4, 'text-anchor': 'end' }, brief(t));
    }
    draw(svg, 'text', { ...text, x: (left + width - right) / 2, y: height - 5, 'text-anchor': 'middle' }, what.x || '');
  } else if (y0 < 0 && y1 > 0) {
    draw(svg, 'line', { x1: left, x2: width - right, y1: Y(0), y2: Y(0), stroke: tint('grid') });
  }
  for (const l of what.lines) {
    let d = '', pen = false;
    for (const [x, y] of l.points) {
      if (y === null || !isFinite(y) || what.log && y <= 0) { pen = false; continue; }
      d += (pen ? 'L' : 'M') + X(x).toFixed(1) + ' ' + Y(y).toFixed(1);
      pen = true;
    }
    draw(svg, 'path', { d, fill: 'none', stroke: l.colour, 'stroke-width': l.wide || 1.8, 'stroke-dasharray': l.dash || 'none', 'stroke-linejoin': 'round', 'data-line': l.name });
    if (l.dots || l.points.length === 1) for (const [x, y] of l.points.slice(-60)) if (y !== null && isFinite(y) && (!what.log || y > 0)) draw(svg, 'circle', { cx: X(x), cy: Y(y), r: 2.4, fill: l.colour });
  }
  return { X, Y, left, right, top, bottom, x0, x1 };
}

// Chart is a plot in an element, with a title, what is under the cursor in words, and buttons
// that save it.
class Chart {
  constructor(element, title) {
    this.element = element;
    this.what = { lines: [] };
    element.innerHTML = '<div class="top"><h3></h3><button type="button">SVG</button><button type="button">PNG</button></div><svg tabindex="0" role="img"></svg><p class="read" aria-live="polite"></p>';
    this.svg = element.querySelector('svg');
    this.read = element.querySelector('.read');
    this.heading = element.querySelector('h3');
    const [svg, png] = element.querySelectorAll('button');
    svg.onclick = () => this.save('svg');
    png.onclick = () => this.save('png');
    this.svg.addEventListener('pointermove', e => {
      const box = this.svg.getBoundingClientRect(), p = this.place;
      if (p) this.point(p.x0 + (e.clientX - box.left - p.left) / (box.width - p.left - p.right) * (p.x1 - p.x0));
    });
    this.svg.addEventListener('pointerleave', () => { this.at = undefined; this.draw(); });
    this.svg.addEventListener('blur', () => { this.at = undefined; this.draw(); });
    this.svg.addEventListener('keydown', e => this.key(e));
    new ResizeObserver(() => this.draw()).observe(element);
    this.title(title);
  }
  title(t) {
    this.name = t;
    this.heading.textContent = t;
    for (const [i, b] of [...this.element.querySelectorAll('button')].entries()) b.setAttribute('aria-label', `save ${t} as ${i ? 'PNG' : 'SVG'}`);
  }
  set(what) { this.what = what; this.draw(); }
  // stops are the numbers that the arrow keys go through.
  stops() { return [...new Set(this.what.lines.flatMap(l => l.points.map(p => p[0])))].sort((a, b) => a - b); }
  key(e) {
    const stops = this.stops(), n = stops.length;
    if (!n) return;
    let i = this.at === undefined ? n : stops.findIndex(s => s >= this.at);
    if (i < 0) i = n - 1;
    const far = Math.max(1, Math.round(n / 10));
    const moves = { ArrowLeft: i - 1, ArrowRight: i + 1, PageDown: i - far, PageUp: i + far, Home: 0, End: n - 1 };
    if (e.key === 'Escape' && this.at !== undefined) { this.at = undefined; this.draw(); e.preventDefault(); return; }
    if (!(e.key in moves)) return;
    e.preventDefault();
    this.point(stops[Math.max(0, Math.min(n - 1, moves[e.key]))]);
  }
  point(x) { this.at = x; this.draw(); }
  // nearest is the point of a line that is nearest to x.
  static nearest(points, x) {
    let best;
    for (const p of points) if (p[1] !== null && (!best || Math.abs(p[0] - x) < Math.abs(best[0] - x))) best = p;
    return best;
  }
  draw() {
    const width = Math.floor(this.svg.getBoundingClientRect().width);
    if (width < 20) return;
    const height = Math.round(Math.min(260, Math.max(170, width * 0.55)));
    this.place = plot(this.svg, width, height, this.what);
    const words = [];
    let at;
    for (const l of this.what.lines) {
      const p = this.at === undefined ? l.points.findLast(p => p[1] !== null) : Chart.nearest(l.points, this.at);
      if (!p) continue;
      if (this.at !== undefined && p[1] !== null && (!this.what.log || p[1] > 0)) draw(this.svg, 'circle', { cx: this.place.X(p[0]), cy: this.place.Y(p[1]), r: 4, fill: l.colour });
      if (at === undefined || this.at !== undefined && Math.abs(p[0] - this.at) < Math.abs(at - this.at)) at = p[0];
      words.push([l, this.at === undefined && this.what.still ? l.name : `${l.name} ${show(p[1])}`]);
    }
    if (this.at !== undefined && at !== undefined) draw(this.svg, 'line', { x1: this.place.X(at), x2: this.place.X(at), y1: this.place.top, y2: height - this.place.bottom, stroke: tint('soft'), 'stroke-dasharray': '2 3' });
    this.read.replaceChildren();
    if (this.at !== undefined && at !== undefined) this.read.append(`${this.what.x || 'x'} ${show(at)}: `);
    words.forEach(([l, text], i) => {
      const s = document.createElement('span');
      s.style.color = l.colour;
      s.textContent = (i ? '  ' : '') + (l.dash ? '┄ ' : '━ ');
      this.read.append(s, text + (i < words.length - 1 ? ', ' : ''));
    });
    this.svg.setAttribute('aria-label', words.length ? `${this.name}: ${words.map(w => w[1]).join(', ')}. Arrow keys read it.` : `${this.name}: nothing yet`);
  }
  // save downloads the picture, with its title and legend.
  save(kind) {
    const old = this.svg.viewBox.baseVal, line = 17, above = 26 + line * Math.max(1, this.what.lines.length);
    const svg = document.createElementNS(SVG, 'svg');
    const text = { 'font-family': 'system-ui, sans-serif', 'font-size': 12, fill: tint('ink') };
    svg.setAttribute('xmlns', SVG);
    for (const [k, v] of Object.entries({ width: old.width, height: old.height + above, viewBox: `0 0 ${old.width} ${old.height + above}` })) svg.setAttribute(k, v);
    draw(svg, 'rect', { width: old.width, height: old.height + above, fill: tint('card') });
    draw(svg, 'text', { ...text, x: 10, y: 18, 'font-weight': 600 }, this.name);
    this.what.lines.forEach((l, i) => {
      draw(svg, 'line', { x1: 10, x2: 34, y1: 30 + line * i, y2: 30 + line * i, stroke: l.colour, 'stroke-width': 2, 'stroke-dasharray': l.dash || 'none' });
      draw(svg, 'text', { ...text, x: 40, y: 34 + line * i }, l.name);
    });
    const inner = draw(svg, 'g', { transform: `translate(0 ${above})` });
    for (const c of this.svg.children) inner.appendChild(c.cloneNode(true));
    const source = new Blob([new XMLSerializer().serializeToString(svg)], { type: 'image/svg+xml' });
    const name = this.name.replace(/[^A-Za-z0-9.-]+/g, '-');
    if (kind === 'svg') return download(source, name + '.svg');
    const image = new Image(), address = URL.createObjectURL(source);
    image.onload = () => {
      const canvas = document.createElement('canvas'), scale = 2;
      canvas.width = old.width * scale;
      canvas.height = (old.height + above) * scale;
      canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
      URL.revokeObjectURL(address);
      canvas.toBlob(b => download(b, name + '.png'), 'image/png');
    };
    image.src = address;
  }
}

function download(blob, name) {
  const a = document.createElement('a');
  a.href = URL.createObjectURL(blob);
  a.download = name;
  a.click();
  setTimeout(() => URL.revokeObjectURL(a.href), 1000);
}
