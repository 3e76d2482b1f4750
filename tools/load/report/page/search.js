// SPDX-License-Identifier: BSL-1.0
// The page of find-limit: where a threshold breaks, and what each load did.
'use strict';

const LOAD = { title: 'load, 1: that of the file', logarithmic: true };

/** The value of each load that ran: a line through all, and a mark that says whether the load holds. */
function byLoad(steps, valueOf) {
  const points = (which) => steps.filter(which).map((step) => [step.factor, valueOf(step)]);
  return [curve('all loads', '--line', points(() => true)),
          curve('holds', '--curve-3', points((step) => step.holds), [], 'circle'),
          curve('breaks', '--curve-2', points((step) => !step.holds), [], 'cross')];
}

function thresholdPlot(threshold, at, steps) {
  const curves = byLoad(steps, (step) => step.figures[at]);
  const ends = [steps[0], steps[steps.length - 1]].filter(Boolean).map((step) => [step.factor, threshold.bound]);
  const bound = curve(`threshold: ${brief(threshold.bound)}`, '--bound', ends, [8, 5]);
  const title = threshold.unit ? `${threshold.figure}, ${threshold.unit}` : threshold.figure;
  return { title: printable(threshold.text), x: LOAD, curves: [...curves, bound],
           y: threshold.unit === '%' ? { title } : logarithmicIfWide(title, curves[0].points, bound.points) };
}

function searchPlots(search) {
  const steps = search.steps.filter((step) => step.figures.length > 0);
  // What broke first comes first.
  const broken = search.steps.find((step) => step.factor === search.breaks);
  const plots = search.thresholds.map((one, at) => [broken && broken.broken.startsWith(one.text) ? 0 : 1,
                                                    thresholdPlot(one, at, steps)]);
  plots.sort((a, b) => a[0] - b[0]);
  return [...plots.map((one) => one[1]),
          { title: 'Throughput', x: LOAD, y: { title: 'completed a second' },
            curves: byLoad(steps, (step) => step.throughput_per_s) }];
}

function ends(search) {
  const at = (factor) => search.steps.find((step) => step.factor === factor);
  const [holds, breaks, knee] = [at(search.holds), at(search.breaks), at(search.knee)];
  return element('div', { class: 'tiles' },
    holds ? tile(printable(holds.load), 'hold', `${brief(holds.factor)} times the load of the file`) : null,
    breaks ? tile(printable(breaks.load), 'break', printable(breaks.broken)) : null,
    holds ? tile(span(holds.p99_ms), 'P99 where it holds', `${compact(holds.throughput_per_s)} completed a second`) : null,
    knee ? tile(printable(knee.load), 'knee', 'from there the throughput grows less than half as fast') : null,
    holds ? tile(brief(holds.max_active), 'at once, most, where it holds') : null);
}

function searchVerdict(search) {
  if (search.holds !== null) return 'found';
  return search.steps.some((step) => step.valid) ? 'failed' : 'invalid';
}

function searchNote(search) {
  if (search.steps.length === 0) return element('p', { class: 'note invalid' }, 'No load was tried to its end.');
  if (search.holds === null) return element('p', { class: 'note invalid' }, 'No load that was tried holds the thresholds.');
  return search.breaks === null ?
    element('p', { class: 'note invalid' }, 'No load that was tried breaks a threshold.') : null;
}

function stepTable(steps) {
  return tableCard('Loads that were tried', ['load', 'verdict', 'P99, ms', 'completed /s', 'rejected, %'],
    steps.map((step) => {
      const ran = step.figures.length > 0;
      const broken = step.holds ? null : element('span', { class: 'faint why' }, printable(step.broken));
      return [element('div', {}, printable(step.load), broken), badge(step.holds ? 'holds' : 'breaks'),
              ...[step.p99_ms, step.throughput_per_s, step.rejected_percent].map((one) => brief(ran ? one : NaN))];
    }), 'drops-4');
}

function searchBody(search, places) {
  headline(nameOf(search.name), searchVerdict(search), ['find-limit', plural(search.steps.length, 'load')]);
  return [searchNote(search), ends(search), figures(searchPlots(search), 'h2', places), stepTable(search.steps)]
    .filter(Boolean);
}
