// SPDX-License-Identifier: BSL-1.0
// The page of admit-load: one run, several, or the search of find-limit.
'use strict';

function effort(run) {
  const repeat = run.file && run.file.repeats > 1 ? `run ${run.file.repeat} of ${run.file.repeats}, ` : '';
  return `${repeat}${plural(run.threads, 'thread')}, ${span(run.duration_s * 1000)}`;
}

function overall(runs) {
  const verdicts = runs.map(verdictOf);
  return ['interrupted', 'invalid', 'failed'].find((one) => verdicts.includes(one)) || 'passed';
}

function headlineOf(runs) {
  const failed = runs.filter((run) => verdictOf(run) !== 'passed').length;
  if (runs.length === 1) headline(nameOf(runs[0].name), overall(runs), [effort(runs[0])]);
  else headline(`Load test: ${plural(runs.length, 'run')}`, overall(runs), [failed > 0 ? `${failed} not passed` : '']);
}

function overview(runs) {
  const rows = runs.map((run, at) => [
    element('div', {}, element('a', { href: `#run-${at}` }, nameOf(run.name)),
            element('span', { class: 'small' }, effort(run))), badge(verdictOf(run)),
    brief(run.throughput_per_s), brief(run.response_time_ms.p99), brief(run.starts.failed)]);
  return tableCard('', ['scenario', 'verdict', 'completed /s', 'P99, ms', 'rejected'], rows, 'drops-5');
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

function fillIn() {
  const places = [];
  const main = document.getElementById('main');
  if (report.find_limit) {
    main.append(...searchBody(report.find_limit, places));
  } else {
    const runs = report.scenarios;
    headlineOf(runs);
    if (runs.length === 1) main.append(...body(runs[0], places));
    else if (runs.length > 1) main.append(overview(runs), ...runs.map((run, at) => section(run, at, places)));
    else main.append(element('p', {}, 'No run was finished.'));
  }
  footer();
  drawInView(places);
  window.addEventListener('hashchange', openTarget);
  openTarget();
}

fillIn();
