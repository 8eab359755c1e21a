// The page: which runs there are comes by server-sent events; what is shown of them is asked for.
'use strict';

const $ = id => document.getElementById(id);
const dashes = ['', '', '', '', '', '', '7 3', '7 3', '7 3', '7 3', '7 3', '7 3'];
const colours = 6;

let runs = [];            // summaries, the latest first
const known = {};         // by name: what was fetched of a run
const shown = new Set();  // names of the runs in the charts
const seen = new Set();   // names that were offered before
let focus;                // name of the run whose activations are shown
let layer = -1;           // the open layer
let when = -1;            // the step of the open layer, −1: now
let metric = '';

const charts = {
  loss: new Chart($('loss'), 'Loss'),
  score: new Chart($('score'), 'Metric'),
  rate: new Chart($('rate'), 'Throughput'),
};
const layerChart = new Chart($('layer-chart'), 'Activation');
const histories = {
  theta: new Chart($('h-theta'), 'Norm of θ'),
  gradient: new Chart($('h-gradient'), 'Norm of the gradient to θ'),
  inDomain: new Chart($('h-inDomain'), 'In-domain fraction'),
  penalty: new Chart($('h-penalty'), 'Penalty'),
};

// Theme: system, dark, light.
function theme(name) {
  if (name === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = name;
  $('theme').textContent = 'Theme: ' + name;
  try { localStorage.setItem('theme', name); } catch { /* private windows */ }
  drawAll();
}
$('theme').onclick = () => {
  const names = ['system', 'dark', 'light'], now = document.documentElement.dataset.theme || 'system';
  theme(names[(names.indexOf(now) + 1) % names.length]);
};
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => drawAll());

async function get(path, query) {
  const answer = await fetch(path + '?' + new URLSearchParams(query));
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}

function of(name) {
  return known[name] ||= { losses: [], evals: [], metrics: [], generation: -1, open: null, version: -1, layers: null, frame: -2, explained: null, explanations: 0, place: Object.keys(known).length };
}
function colour(name) { return tint('c' + of(name).place % colours); }
function dash(name) { return dashes[of(name).place % dashes.length]; }

// update fetches what is new of the runs that are shown.
let updating = false, again = false;
async function update() {
  if (updating) { again = true; return; }
  updating = true;
  do {
    again = false;
    try {
      for (const r of runs) {
        const k = of(r.name);
        if ((shown.has(r.name) || r.name === focus) && k.version !== r.version) {
          const c = await get('api/run', { name: r.name, generation: Math.max(0, k.generation), from: k.losses.length, evals: Math.max(0, k.evals.length - 1) });
          k.losses = k.losses.slice(0, c.from).concat(c.losses);
          k.evals = k.evals.slice(0, c.evalsFrom).concat(c.evals);
          k.metrics = c.metrics || [];
          k.generation = c.generation;
          k.open = c.open;
          k.version = r.version;
        }
        if (r.name === focus && k.frame !== r.frame) {
          k.layers = await get('api/layers', { name: r.name });
          k.frame = r.frame;
        }
        if (r.name === focus && k.explanations !== r.explanations) {
          k.explained = r.explanations ? await get('api/explain', { name: r.name }) : null;
          k.explanations = r.explanations;
        }
      }
    } catch (e) {
      $('link').textContent = 'not connected: ' + e.message;
    }
    drawAll();
  } while (again);
  updating = false;
}

function drawAll() {
  drawRuns();
  drawCharts();
  drawLayers();
  drawExplained();
  drawEvals();
  if ($('layer').open) drawLayer();
}

function drawRuns() {
  $('empty').hidden = runs.length > 0;
  for (const r of runs) {
    let li = $('run-' + r.name);
    if (!li) {
      li = document.createElement('li');
      li.id = 'run-' + r.name;
      li.innerHTML = '<label><input type="checkbox"><span class="name"></span></label><span class="numbers"></span><span class="state"></span><button type="button">activations</button><progress></progress><p class="problem" hidden></p>';
      const box = li.querySelector('input');
      box.setAttribute('aria-label', 'show ' + r.name);
      li.querySelector('.name').textContent = r.name;
      box.onchange = () => { box.checked ? shown.add(r.name) : shown.delete(r.name); update(); };
      const b = li.querySelector('button');
      b.setAttribute('aria-label', 'activations and evaluations of ' + r.name);
      b.onclick = () => { focus = r.name; when = -1; update(); };
      $('runs').append(li);
    }
    li.querySelector('input').checked = shown.has(r.name);
    li.querySelector('.name').style.color = shown.has(r.name) ? colour(r.name) : '';
    li.querySelector('button').setAttribute('aria-pressed', r.name === focus);
    const left = r.state === 'running' && r.step > 0 ? r.seconds * (r.steps - r.step) / r.step : 0;
    li.querySelector('.numbers').textContent = `step ${r.step} of ${r.steps}, loss ${show(r.loss)}, ${show(r.rate)} examples/s, ${r.params} parameters` + (left > 1 ? `, ${duration(left)} left` : `, ${duration(r.seconds)}`);
    li.querySelector('.state').textContent = r.state;
    const bar = li.querySelector('progress');
    bar.max = r.steps || 1;
    bar.value = r.step;
    bar.setAttribute('aria-label', 'progress of ' + r.name);
    const p = li.querySelector('.problem');
    p.hidden = !r.problem;
    p.textContent = r.problem || '';
  }
  runs.forEach((r, i) => { // in order, without moving what has the focus
    const li = $('run-' + r.name);
    if ($('runs').children[i] !== li) $('runs').insertBefore(li, $('runs').children[i]);
  });
}

function duration(s) {
  s = Math.round(s);
  const h = Math.floor(s / 3600), m = Math.floor(s / 60) % 60;
  return h ? `${h} h ${m} min` : m ? `${m} min ${s % 60} s` : `${s} s`;
}

function drawCharts() {
  const loss = [], score = [], rate = [], names = new Set();
  for (const r of runs) {
    if (!shown.has(r.name)) continue;
    const k = of(r.name), points = k.open ? k.losses.concat([k.open]) : k.losses;
    for (const m of k.metrics) names.add(m);
    loss.push({ name: r.name + ', training', colour: colour(r.name), dash: dash(r.name), wide: 1.3, points: points.map(p => [p[0], p[1]]) });
    rate.push({ name: r.name, colour: colour(r.name), dash: dash(r.name), points: points.map(p => [p[0], p[2]]) });
    if (k.evals.some(e => e.validLoss)) loss.push({ name: r.name + ', validation', colour: colour(r.name), dash: '5 3', wide: 2.2, points: k.evals.map(e => [e.step, e.validLoss]) });
  }
  if (!names.has(metric)) metric = names.values().next().value || '';
  const options = [...names].join('\n');
  if ($('metric').dataset.options !== options) {
    $('metric').dataset.options = options;
    $('metric').replaceChildren(...[...names].map(n => new Option(n, n)));
  }
  $('metric').value = metric;
  $('metric').disabled = names.size < 2;
  for (const r of runs) {
    const k = of(r.name), i = k.metrics.indexOf(metric);
    if (shown.has(r.name) && i >= 0) score.push({ name: r.name, colour: colour(r.name), dash: dash(r.name), points: k.evals.map(e => [e.step, e.metrics[i]]) });
  }
  charts.loss.set({ lines: loss, x: 'step', log: $('log').checked });
  charts.score.title(metric ? 'Metric: ' + metric : 'Metric');
  charts.score.set({ lines: score, x: 'step' });
  charts.rate.title('Throughput, examples per second');
  charts.rate.set({ lines: rate, x: 'step' });
}
$('log').onchange = drawCharts;
$('metric').onchange = () => { metric = $('metric').value; drawCharts(); };

// linesOf are the curves of a layer as it is and as it was.
function linesOf(now, start) {
  const lines = [];
  const add = (l, name, colour, dash) => (l && l.curves || []).forEach((c, i) => lines.push({
    name: name + (l.channels > 1 ? `, channel ${i}` : ''), colour, dash,
    points: c.map((y, j) => [l.from + (l.to - l.from) * j / (c.length - 1), y]),
  }));
  add(start, 'at the start', tint('soft'), '4 3');
  add(now, 'now', tint('c0'), '');
  return lines;
}
function pictureOf(now, start) {
  return { lines: linesOf(now, start), bars: now.inputs, shade: now.a < now.b ? [now.a, now.b] : null, x: 'input', still: true };
}

function drawLayers() {
  for (const e of document.querySelectorAll('h2 .of')) e.textContent = focus ? 'of ' + focus : '';
  const box = $('layers'), k = focus && of(focus), l = k && k.layers;
  const now = l && l.now ? l.now.layers || [] : [];
  while (box.children.length > now.length) box.lastChild.remove();
  now.forEach((x, i) => {
    let b = box.children[i];
    if (!b) {
      b = document.createElement('button');
      b.type = 'button';
      b.innerHTML = '<b></b><svg aria-hidden="true"></svg><span></span>';
      b.onclick = () => { layer = i; when = -1; $('layer').showModal(); drawLayer(); };
      box.append(b);
    }
    b.querySelector('b').textContent = x.name;
    b.querySelector('span').textContent = x.a < x.b ? `${percent(x.inDomain)} in [${show(x.a)}, ${show(x.b)}]` : x.kind;
    const width = Math.floor(b.querySelector('svg').getBoundingClientRect().width) || 200;
    plot(b.querySelector('svg'), width, 120, pictureOf(x, l.start && l.start.layers[i]), true);
  });
  if (!now.length) box.textContent = focus ? 'Nothing was noted.' : '';
}
const percent = x => x === null ? '–' : (100 * x).toFixed(1) + ' %';

let chosen; // the frame of the chosen step
async function drawLayer() {
  const l = of(focus).layers;
  if (!l || !l.now || !l.now.layers[layer]) return;
  const steps = l.steps, slider = $('when');
  slider.max = steps.length - 1;
  if (when < 0) { slider.value = steps.length - 1; chosen = null; }
  const frame = when >= 0 && chosen ? chosen : l.now, now = frame.layers[layer], start = l.start && l.start.layers[layer];
  slider.setAttribute('aria-valuetext', 'step ' + frame.step);
  $('when-step').textContent = frame.step + (when < 0 ? ' (the last)' : '');
  $('layer-title').textContent = now.name;
  $('layer-kind').textContent = now.kind + (now.channels > now.curves.length ? `; the first ${now.curves.length} of ${now.channels} channels` : '');
  layerChart.title('Activation ' + now.name);
  layerChart.set(pictureOf(now, start));
  const facts = {
    'in the domain': now.a < now.b ? percent(now.inDomain) : 'no domain',
    'norm of θ': show(now.theta), 'norm of its gradient': show(now.gradient), 'penalty': show(now.penalty),
    'inputs seen': String(now.inputs.counts.reduce((a, b) => a + b, 0) + now.inputs.below + now.inputs.above),
    'left / right of the picture': `${now.inputs.below} / ${now.inputs.above}`,
  };
  $('facts').replaceChildren(...Object.entries(facts).map(([name, value]) => {
    const d = document.createElement('div'), dt = document.createElement('dt'), dd = document.createElement('dd');
    dt.textContent = name;
    dd.textContent = value;
    d.append(dt, dd);
    return d;
  }));
  ['theta', 'gradient', 'inDomain', 'penalty'].forEach((key, i) => {
    histories[key].set({ x: 'step', lines: [{ name: key === 'inDomain' ? 'fraction' : 'value', colour: tint('c0'), points: l.history.map(h => [h.step, h.values[layer] ? h.values[layer][i] : null]) }] });
  });
}
$('when').oninput = async () => {
  const l = of(focus).layers, i = +$('when').value;
  when = i === l.steps.length - 1 ? -1 : l.steps[i];
  if (when >= 0) {
    try {
      const asked = when, answer = await get('api/layers', { name: focus, step: when });
      if (asked !== when) return;
      chosen = answer.now;
    } catch { when = -1; }
  }
  drawLayer();
};
$('layer').addEventListener('close', () => { layer = -1; });

// drawExplained shows what contributed to the focused run's network, if that was measured.
let explainedOf; // what is shown
function drawExplained() {
  const e = focus && of(focus).explained;
  $('explain').hidden = !e;
  if (!e || e === explainedOf) return;
  explainedOf = e;
  const a = e.ablation;
  $('ablation').hidden = !a;
  if (a) {
    $('ablation-loss').textContent = `As it was trained: ${show(a.loss)}; with all at their start: ${show(a.start)}.`;
    $('ablated').tBodies[0].replaceChildren(...(a.activations || []).map(x => {
      const tr = document.createElement('tr');
      tr.append(...[x.name, x.params, show(x.moved), show(x.reset), show(x.reset - a.loss), show(x.kept), show(a.start - x.kept)].map(v => {
        const td = document.createElement('td');
        td.textContent = v;
        return td;
      }));
      return tr;
    }));
  }
  const name = focus, version = of(focus).explanations;
  $('pictures').replaceChildren(...e.pictures.map((title, i) => {
    const figure = document.createElement('figure'), img = document.createElement('img'), caption = document.createElement('figcaption');
    img.src = 'api/picture?' + new URLSearchParams({ name, picture: i, version });
    img.alt = caption.textContent = title;
    figure.append(img, caption);
    return figure;
  }));
}

function drawEvals() {
  const k = focus && of(focus);
  const head = $('evals').tHead, body = $('evals').tBodies[0];
  const names = ['step', 'epoch', 'training loss', 'validation loss', ...(k ? k.metrics : []), 'seconds'];
  if (head.dataset.names !== names.join()) {
    head.dataset.names = names.join();
    const row = document.createElement('tr');
    row.append(...names.map(n => { const th = document.createElement('th'); th.scope = 'col'; th.textContent = n; return th; }));
    head.replaceChildren(row);
  }
  const rows = (k ? k.evals : []).slice(-50).reverse();
  body.replaceChildren(...rows.map(e => {
    const tr = document.createElement('tr');
    tr.append(...[e.step, e.epoch, e.trainLoss, e.validLoss, ...e.metrics, e.seconds].map(x => {
      const td = document.createElement('td');
      td.textContent = show(x);
      td.dataset.value = x;
      return td;
    }));
    return tr;
  }));
}

// listen takes the events; the browser connects again by itself.
function listen() {
  const events = new EventSource('api/events');
  events.addEventListener('runs', e => {
    runs = JSON.parse(e.data) || [];
    $('link').textContent = 'connected';
    for (const r of runs) {
      if (seen.has(r.name)) continue;
      // At the start the latest runs are shown, later those that begin.
      if (shown.size < 4) shown.add(r.name);
      if (r.state === 'running' || !focus) focus = r.name;
      seen.add(r.name);
    }
    update();
  });
  events.onerror = () => {
    $('link').textContent = 'not connected; what is shown may be old';
    if (events.readyState === EventSource.CLOSED) setTimeout(listen, 3000);
  };
}

let wanted = 'system';
try { wanted = localStorage.getItem('theme') || 'system'; } catch { /* private windows */ }
theme(wanted);
listen();
