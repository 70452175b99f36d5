// A line with its min-max band on a canvas; times in microseconds, values in the channel's unit.
const PAD = { left: 64, right: 12, top: 10, bottom: 22 };
const POINTS_MAX = 20000;

export class Chart {
  #canvas;
  #latest;
  #note;
  #points = [];
  #early = [];
  #filled = false;
  #name = '';
  #span = 300;
  #drawn = 0;

  constructor(canvas, latest, note) {
    this.#canvas = canvas;
    this.#latest = latest;
    this.#note = note;
    new ResizeObserver(() => this.#draw()).observe(canvas);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#draw());
    setInterval(() => this.#draw(), 1000);
  }

  start(name, spanSeconds) {
    this.#name = name;
    this.#span = spanSeconds;
    this.#points = [];
    this.#early = [];
    this.#filled = false;
    this.#draw();
  }

  // What the store holds; live points that came meanwhile go behind it, each once.
  fill(points) {
    const last = points.length ? points[points.length - 1][0] : 0;
    this.#points = points.concat(this.#early.filter((p) => p[0] > last));
    this.#filled = true;
    this.#early = [];
    this.#draw();
  }

  add(points) {
    const target = this.#filled ? this.#points : this.#early;
    for (const [time, value] of points) target.push([time, value, value, value]);
    if (target.length > POINTS_MAX) target.splice(0, target.length - POINTS_MAX);
    if (performance.now() - this.#drawn > 100) this.#draw();
  }

  #draw() {
    this.#drawn = performance.now();
    const canvas = this.#canvas;
    const ratio = devicePixelRatio || 1;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    if (!width) return;
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    const to = Date.now() * 1000;
    const from = to - this.#span * 1e6;
    const seen = this.#points.filter((p) => p[0] >= from && p[0] <= to + 5e6);
    const finite = seen.filter((p) => Number.isFinite(p[1]));
    const pen = canvas.getContext('2d');
    pen.scale(ratio, ratio);
    const style = getComputedStyle(document.documentElement);
    const color = (name) => style.getPropertyValue(name).trim();
    this.#describe(finite, seen.length - finite.length);
    const [low, high] = bounds(finite);
    const x = (time) => PAD.left + ((time - from) / (to - from)) * (width - PAD.left - PAD.right);
    const y = (value) => height - PAD.bottom - ((value - low) / (high - low)) * (height - PAD.top - PAD.bottom);
    drawAxes(pen, { x, y, from, to, low, high, width, height, color });
    drawLine(pen, seen, x, y, color);
  }

  #describe(finite, invalid) {
    if (!this.#name) return;
    const last = finite[finite.length - 1];
    this.#latest.textContent = last ? text(last[1]) : '–';
    const lows = finite.map((p) => p[2]);
    const highs = finite.map((p) => p[3]);
    const words = finite.length
      ? `${this.#name}: ${finite.length} points, lowest ${text(min(lows))}, highest ${text(max(highs))}`
      : `${this.#name}: no readings in this span`;
    this.#canvas.setAttribute('aria-label', words);
    this.#note.textContent = invalid ? `${words}; ${invalid} not a number` : words;
  }
}

function bounds(points) {
  if (!points.length) return [0, 1];
  const [low, high] = [min(points.map((p) => p[2])), max(points.map((p) => p[3]))];
  const room = (high - low || Math.abs(high) || 1) * 0.08;
  return [low - room, high + room];
}

function drawAxes(pen, { x, y, from, to, low, high, width, height, color }) {
  pen.font = '12px system-ui, sans-serif';
  pen.strokeStyle = color('--line');
  pen.fillStyle = color('--quiet');
  pen.textBaseline = 'middle';
  pen.textAlign = 'right';
  for (const value of ticks(low, high, 4)) {
    pen.beginPath();
    pen.moveTo(PAD.left, y(value));
    pen.lineTo(width - PAD.right, y(value));
    pen.stroke();
    pen.fillText(text(value), PAD.left - 8, y(value));
  }
  pen.textBaseline = 'alphabetic';
  pen.textAlign = 'center';
  const parts = Math.min(4, Math.max(1, Math.floor((width - PAD.left - PAD.right) / 110)));
  for (let i = 0; i <= parts; i++) {
    const time = from + ((to - from) * i) / parts;
    pen.textAlign = i === 0 ? 'left' : i === parts ? 'right' : 'center';
    pen.fillText(new Date(time / 1000).toLocaleTimeString(), x(time), height - 5);
  }
}

function drawLine(pen, points, x, y, color) {
  // A pause of several usual steps is a gap: the line must not pretend that something was measured there.
  const steps = points.slice(1).map((p, i) => p[0] - points[i][0]).sort((a, b) => a - b);
  const gap = Math.max(5 * (steps[steps.length >> 1] ?? 0), 1e6);
  const runs = [];
  let run = [];
  let before = null;
  for (const point of points) {
    if (!Number.isFinite(point[1]) || (before && point[0] - before > gap)) {
      runs.push(run);
      run = [];
    }
    if (Number.isFinite(point[1])) run.push(point);
    before = point[0];
  }
  runs.push(run);
  for (const part of runs.filter((r) => r.length)) {
    pen.fillStyle = color('--band');
    pen.beginPath();
    part.forEach((p) => pen.lineTo(x(p[0]), y(p[3])));
    part.toReversed().forEach((p) => pen.lineTo(x(p[0]), y(p[2])));
    pen.fill();
    pen.strokeStyle = color('--accent');
    pen.lineWidth = 1.6;
    pen.beginPath();
    part.forEach((p) => pen.lineTo(x(p[0]), y(p[1])));
    if (part.length === 1) pen.arc(x(part[0][0]), y(part[0][1]), 1.5, 0, 7);
    pen.stroke();
  }
  pen.lineWidth = 1;
}

function ticks(low, high, count) {
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw);
  const found = [];
  for (let v = Math.ceil(low / step) * step; v <= high; v += step) found.push(Math.abs(v) < step / 1e6 ? 0 : v);
  return found;
}

function text(value) {
  const size = Math.abs(value);
  if (size >= 1e5 || (size > 0 && size < 1e-3)) return value.toExponential(2);
  return Number(value.toPrecision(4)).toLocaleString(undefined, { maximumFractionDigits: 6 });
}

const min = (values) => values.reduce((a, b) => Math.min(a, b), Infinity);
const max = (values) => values.reduce((a, b) => Math.max(a, b), -Infinity);
