// SPDX-License-Identifier: BSL-1.0
// The whole page: its headline, the runs, the machine. Plots are drawn when they come into view.
'use strict';

function effort(run) {
  return `${plural(run.threads, 'thread')}, ${span(run.duration_s * 1000)}`;
}

function overall(runs) {
  const verdicts = runs.map(verdictOf);
  if (verdicts.includes('failed')) return 'failed';
  return verdicts.includes('invalid') ? 'invalid' : 'passed';
}

function headline(runs) {
  const failed = runs.filter((run) => verdictOf(run) !== 'passed').length;
  const one = runs.length === 1;
  const title = one ? nameOf(runs[0].name) : `Load test: ${plural(runs.length, 'run')}`;
  const date = report.date.replace('T', ' ').replace('Z', ' UTC');
  const lines = [one ? effort(runs[0]) : '', !one && failed > 0 ? `${failed} not passed` : '', date];
  document.title = `${overall(runs)}: ${one ? printable(runs[0].name) : 'admit-load'}`;
  document.getElementById('head').append(
    element('div', { class: 'title' }, element('h1', {}, title), badge(overall(runs))),
    element('p', { class: 'faint' }, lines.filter(Boolean).join(' \u00b7 ')));
}

function overview(runs) {
  const rows = runs.map((run, at) => [
    element('div', {}, element('a', { href: `#run-${at}` }, nameOf(run.name)),
            element('span', { class: 'small' }, plural(run.threads, 'thread'))), badge(verdictOf(run)),
    brief(run.throughput_per_s), brief(run.response_time_ms.p99), brief(run.starts.failed)]);
  const made = table('', ['scenario', 'verdict', 'completed /s', 'P99, ms', 'rejected'], rows);
  // Least needed on a narrow screen.
  for (const row of made.rows) row.cells[4].className = 'wide';
  return element('div', { class: 'card' }, made);
}

/** Runs that passed are closed when there are several. */
function section(run, at, places) {
  const title = element('h2', {}, nameOf(run.name));
  const verdict = verdictOf(run);
  const made = element('details', { class: 'run', id: `run-${at}` },
    element('summary', {}, title, badge(verdict), ' ', element('span', { class: 'faint' }, effort(run))),
    body(run, places));
  made.open = verdict !== 'passed';
  return made;
}

function openTarget() {
  const target = document.getElementById(location.hash.slice(1));
  if (target instanceof HTMLDetailsElement) target.open = true;
}

function footer() {
  const machine = report.machine;
  const rows = [['processor', printable(machine.processor)], ['cores', brief(machine.cores)],
    ['system', printable(machine.system)], ['compiler', printable(report.compiler)], ['flags', printable(report.flags)],
    ['version', printable(report.tool_version)], ['revision', printable(report.revision)],
    ['written', report.date.replace('T', ' ').replace('Z', ' UTC')]];
  document.getElementById('foot').append(
    element('div', { class: 'card' }, table('Machine and build', null, rows, 'facts')));
}

/** Plots of a page that are drawn at once, whether in view or not. */
const AT_ONCE = 12;

/** Draws the first plots, and the others as they come into view; all again when the colours change. */
function drawInView(places) {
  const drawn = new Map();
  const plotOf = new Map(places);
  const paint = (place) => {
    if (drawn.has(place)) drawn.get(place)();
    drawn.set(place, draw(place, plotOf.get(place)));
  };
  const watch = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (entry.isIntersecting && !drawn.has(entry.target)) paint(entry.target);
    }
  }, { rootMargin: '300px' });
  places.forEach(([place], at) => (at < AT_ONCE && place.offsetParent ? paint(place) : watch.observe(place)));
  window.addEventListener('beforeprint', () => {
    for (const [place] of places) if (!drawn.has(place)) paint(place);
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    for (const place of [...drawn.keys()]) paint(place);
  });
}

function fillIn() {
  const runs = report.scenarios;
  const places = [];
  const main = document.getElementById('main');
  headline(runs);
  if (runs.length === 1) main.append(...body(runs[0], places));
  else if (runs.length > 1) main.append(overview(runs), ...runs.map((run, at) => section(run, at, places)));
  else main.append(element('p', {}, 'No run was finished.'));
  footer();
  drawInView(places);
  window.addEventListener('hashchange', openTarget);
  openTarget();
}

fillIn();
