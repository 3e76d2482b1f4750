// SPDX-License-Identifier: BSL-1.0
// The page of tools/bench.sh --html: targets, growth curves, tables.
'use strict';

const COLOURS = { admit: ['--curve-1', []], mutex: ['--curve-2', [7, 4]], sharded: ['--curve-4', [2, 3]] };
/** Figures that a tile shows. */
const SHOWN = ['string/admit/1', 'full/admit/1', 'touch/admit/1'];

/** Nanoseconds and ratios, as docs/performance.md has them. */
function precise(number, unit) {
  if (number === null) return '\u2013';
  const shown = number >= 100 ? brief(number) : number.toFixed(2).replace(/\.00$/, '');
  return unit ? `${shown} ${unit}` : shown;
}

/** How much of what is allowed is used: the mark stands at all of it, the bar ends at twice as much. */
function gauge(target) {
  const used = target.is === 0 ? 0 : target.is / target.at_most;
  const bar = element('i', { class: target.verdict });
  bar.style.width = `${Math.min(50 * used, 100)}%`;
  const spokenText = `${brief(100 * used)} % of what is allowed`;
  return element('span', { class: 'gauge', role: 'img', 'aria-label': spokenText, title: spokenText }, bar);
}

function targetTable() {
  if (report.targets.length === 0) return null;
  return tableCard('Targets', ['target', 'is', 'at most', 'verdict'], report.targets.map((target) => {
    const unit = target.of ? '\u00d7' : '';
    const figure = target.of ? `${target.figure} / ${target.of}` : target.figure;
    const title = element('div', {}, printable(target.title), target.is === null ? null : gauge(target),
                          element('span', { class: 'small figure' }, printable(figure)));
    return [title, precise(target.is, unit), precise(target.at_most, unit),
            badge(target.verdict)];
  }));
}

function targetTiles() {
  const met = report.targets.filter((target) => target.verdict === 'met').length;
  const rows = SHOWN.map((name) => report.rows.find((row) => row.name === name)).filter((row) => row && row.figure);
  return element('div', { class: 'tiles' },
    report.targets.length > 0 ? tile(`${met} of ${report.targets.length}`, 'targets are met') : null,
    rows.map((row) => tile(`${precise(row.figure.median)} ns`, printable(row.title))));
}

function growthPlots(places) {
  const plots = report.curves.map((one) => ({
    title: printable(one.title),
    x: { title: printable(one.x), logarithmic: one.logarithmic, whole: true }, y: { title: 'ns', logarithmic: true },
    curves: one.lines.map((line) => {
      const [colour, dash] = COLOURS[line.system] || ['--curve-3', []];
      const measured = line.points.filter((point) => point.figure);
      return curve(printable(line.system), colour, measured.map((point) => [point.at, point.figure.median]), dash);
    }),
  }));
  const shown = figures(plots, 'h3', places);
  if (!shown) return [];
  return [element('h2', {}, 'Growth'),
    element('p', { class: 'faint' }, 'Nanoseconds of the engine (admit), of one mutex around two hash maps (mutex), ' +
      'and of 64 mutexes and an atomic (sharded).'), shown];
}

function wideTables() {
  return report.tables.map((one) => element('div', { class: 'card' }, element('h2', { class: 'caption' }, printable(one.title)),
    element('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': one.title },
            table('', one.head, one.rows.map((row) => row.map(printable))))));
}

function fillIn() {
  const places = [];
  headline('Benchmark', null, ['admit-bench']);
  document.getElementById('main').append(...[targetTiles(), targetTable(), ...growthPlots(places), ...wideTables(),
    report.transfer ? element('p', { class: 'faint' }, printable(report.transfer)) : null].filter(Boolean));
  footer([['allocator', report.allocator]]);
  drawInView(places);
}

fillIn();
