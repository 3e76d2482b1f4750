// SPDX-License-Identifier: BSL-1.0
// The flame graph of tools/profile.sh. Callers are above, callees below, as wide as their samples.
'use strict';

const ROW = 20;  // as .frame in style.css, with its gap
const NARROWEST = 2;  // in px: a frame that is less wide is left out until its caller is zoomed
const LABELLED = 20;  // in px: a narrower frame has no room for letters
/** Kinds of functions, and how they are told apart: by what stands before the first argument. */
const KINDS = [['tool', 'load, benchmark', /\badmit::(?:bench|load|tools|crowd)\b/], ['engine', 'admit', /\badmit::/],
  ['library', 'standard library, Boost', /\b(?:std|boost|__gnu_cxx)::/], ['other', 'other', /^/]];

/** The frames with their place: `start` and `samples` of all samples, `depth` in rows. */
function placed() {
  const ends = [];
  return report.frames.map(([caller, nameAt, samples, count], index, all) => {
    const name = report.names[nameAt];
    const frame = { index, caller, samples, count, depth: 0, start: 0,
      name: name === null ? `${plural(count, 'frame')} below ${brief(100 * report.hidden_below)} %` : printable(name) };
    frame.kind = name === null ? 'thin' : KINDS.find((kind) => kind[2].test(name.split(/[<(]/)[0]))[0];
    if (caller >= 0) {
      frame.depth = all[caller].depth + 1;
      frame.start = ends[caller];
      ends[caller] += samples;
    }
    ends[index] = frame.start;
    all[index].depth = frame.depth;
    return frame;
  });
}

const graph = { frames: placed(), zoomed: 0, current: 0, wanted: '', shown: new Map() };

function share(samples) {
  return `${plural(samples, 'sample')}, ${brief(100 * samples / Math.max(report.samples, 1))} %`;
}

function isWithin(frame, outer) {
  return frame.depth >= outer.depth && frame.start >= outer.start &&
    frame.start + frame.samples <= outer.start + outer.samples;
}

function matches(frame) {
  return graph.wanted !== '' && frame.kind !== 'thin' && frame.name.toLowerCase().includes(graph.wanted);
}

/** Samples of the frames that match; a frame below another match counts once. */
function matchingSamples() {
  const counted = [];
  let samples = 0;
  for (const frame of graph.frames) {
    counted[frame.index] = frame.caller >= 0 && counted[frame.caller];
    if (counted[frame.index] || !matches(frame)) continue;
    counted[frame.index] = true;
    samples += frame.samples;
  }
  return samples;
}

function tell(frame) {
  document.getElementById('told').textContent = `${frame.name}: ${share(frame.samples)}`;
}

/** A frame as a button: its place in percent, so that it follows the width of the window. */
function button(frame, left, width, pixels) {
  const made = element('button', { type: 'button', role: 'treeitem', class: `frame ${frame.kind}`, tabindex: -1,
    'aria-level': frame.depth + 1, 'aria-label': `${frame.name}, ${share(frame.samples)}` },
    width * pixels < LABELLED ? '' : frame.name);
  made.style.left = `${100 * left}%`;
  made.style.width = `${100 * width}%`;
  made.style.top = `${frame.depth * ROW}px`;
  made.classList.toggle('outer', frame.depth < graph.frames[graph.zoomed].depth);
  made.classList.toggle('match', matches(frame));
  made.addEventListener('click', () => zoom(frame.index));
  made.addEventListener('focus', () => { select(frame.index); tell(frame); });
  made.addEventListener('mouseenter', () => tell(frame));
  return made;
}

/** Draws what is wide enough: the callers of the zoomed frame, and what it calls. */
function paint() {
  const box = document.getElementById('flame');
  const outer = graph.frames[graph.zoomed];
  const least = NARROWEST / Math.max(box.clientWidth, 1);
  graph.shown.clear();
  let rows = 0;
  for (const frame of graph.frames) {
    const calls = isWithin(outer, frame) && frame.depth <= outer.depth;
    const left = calls ? 0 : (frame.start - outer.start) / outer.samples;
    const width = calls ? 1 : frame.samples / outer.samples;
    if (!calls && (!isWithin(frame, outer) || width < least)) continue;
    graph.shown.set(frame.index, button(frame, left, width, box.clientWidth));
    rows = Math.max(rows, frame.depth + 1);
  }
  box.replaceChildren(...graph.shown.values());
  box.style.height = `${rows * ROW}px`;
  document.getElementById('reset').disabled = graph.zoomed === 0 && graph.wanted === '';
  document.getElementById('found').textContent = graph.wanted === '' ? '' : `${share(matchingSamples())} match`;
  select(graph.shown.has(graph.current) ? graph.current : graph.zoomed);
}

/** The frame that the Tab key comes to. */
function select(index) {
  const before = graph.shown.get(graph.current);
  if (before) before.tabIndex = -1;
  graph.current = index;
  graph.shown.get(index).tabIndex = 0;
}

function zoom(index) {
  const hadFocus = document.getElementById('flame').contains(document.activeElement);
  graph.zoomed = graph.current = index;
  paint();
  tell(graph.frames[index]);
  if (hadFocus) graph.shown.get(index).focus();
}

function reset() {
  graph.wanted = document.getElementById('search').value = '';
  zoom(0);
}

/** The frame that an arrow key leads to. */
function neighbour(frame, key) {
  if (key === 'ArrowUp') return graph.frames[frame.caller];
  const shown = [...graph.shown.keys()].map((index) => graph.frames[index]);
  if (key === 'ArrowDown')
    return shown.filter((one) => one.caller === frame.index).sort((a, b) => b.samples - a.samples)[0];
  const row = shown.filter((one) => one.depth === frame.depth).sort((a, b) => a.start - b.start);
  return row[row.indexOf(frame) + (key === 'ArrowLeft' ? -1 : 1)];
}

function onKey(event) {
  if (event.key === 'Escape') return reset();
  if (!event.key.startsWith('Arrow')) return undefined;
  event.preventDefault();
  const next = neighbour(graph.frames[graph.current], event.key);
  if (next && graph.shown.has(next.index)) graph.shown.get(next.index).focus();
  return undefined;
}

function controls() {
  const search = element('input', { type: 'search', id: 'search', placeholder: 'function', autocomplete: 'off' });
  search.addEventListener('input', () => { graph.wanted = search.value.trim().toLowerCase(); paint(); });
  const again = element('button', { type: 'button', id: 'reset' }, 'Reset');
  again.addEventListener('click', reset);
  return element('div', { class: 'controls' }, element('label', {}, 'Search ', search), again,
                 element('output', { id: 'found', class: 'faint', for: 'search' }));
}

function kindLegend() {
  return element('ul', { class: 'legend' }, KINDS.map(([kind, text]) =>
    element('li', {}, element('span', { class: `swatch ${kind}` }), text)));
}

function functionTable() {
  const percent = (samples) => brief(100 * samples / report.samples);
  return tableCard('Functions with most samples', ['function', 'alone, %', 'with callees, %'],
    report.functions.map(([name, alone, all]) =>
      [element('div', { class: 'code' }, nameOf(name)), percent(alone), percent(all)]), 'functions');
}

function fillIn() {
  headline(printable(report.title), null, [plural(report.samples, 'sample')]);
  const main = document.getElementById('main');
  if (report.samples === 0) {
    main.append(element('p', { class: 'note invalid' }, 'The profiler took no sample.'));
    return footer();
  }
  const box = element('div', { id: 'flame', role: 'tree', 'aria-label': 'Flame graph' });
  box.addEventListener('keydown', onKey);
  main.append(element('div', { class: 'card' }, controls(), kindLegend(), element('div', { class: 'flame' }, box),
    element('p', { id: 'told', class: 'code', 'aria-live': 'polite' }, '\u00a0'),
    element('p', { class: 'faint' }, 'Click a frame, or press Enter, to zoom. Arrow keys move, Escape resets. Frames ' +
      `below ${brief(100 * report.hidden_below)} % of all samples are drawn as one.`)), functionTable());
  footer();
  paint();
  tell(graph.frames[0]);
  window.addEventListener('resize', paint);
  return undefined;
}

fillIn();
