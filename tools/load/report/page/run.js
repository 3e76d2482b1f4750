// SPDX-License-Identifier: BSL-1.0
// The parts of one run: its headline, tiles, plots and tables.
'use strict';

function verdictOf(run) {
  if (run.interrupted) return 'interrupted';
  if (run.file && !run.file.valid) return 'invalid';
  return run.passed ? 'passed' : 'failed';
}

function tiles(run) {
  const starts = run.starts;
  const asked = starts.successful + starts.failed + (run.file ? run.file.given_up : 0);
  const left = run.file && run.file.given_up > 0 ? `, ${brief(run.file.given_up)} gave up` : '';
  const times = run.response_time_ms;
  // A kind of users may have a higher limit.
  const bound = run.max_active_of_a_user > run.limits.max_per_user ? '' : ` of ${brief(run.limits.max_per_user)}`;
  const perUser = `of one user ${brief(run.max_active_of_a_user)}${bound}`;
  return element('div', { class: 'tiles' },
    tile(`${brief(run.admitted_percent)} %`, 'admitted', `${brief(starts.successful)} of ${brief(asked)} requests`),
    tile(`${compact(run.throughput_per_s)} /s`, 'completed', `${plural(run.completions, 'conversation')}`),
    tile(compact(starts.failed), `rejected${left}`),
    tile(span(times.p99), 'P99 of the response', `P50 ${span(times.p50)}`, `longest ${span(times.max)}`),
    tile(`${brief(run.max_active)} of ${brief(run.limits.max_concurrent)}`, 'at once, most', perUser),
    run.queue_wait_ms ? tile(span(run.queue_wait_ms.p99), 'P99 of the waiting',
                             `longest ${span(run.queue_wait_ms.max)}`) : null,
    tile(`${brief(run.memory_mib.peak)} MiB`, 'memory, most', `grew by ${brief(run.memory_mib.growth)} MiB`));
}

function invalidNote(run) {
  const verdict = verdictOf(run);
  if (verdict === 'interrupted') {
    return element('p', { class: 'note invalid' }, 'The run was interrupted: its figures are those of a part.');
  }
  if (verdict !== 'invalid') return null;
  return element('p', { class: 'note invalid' }, `This is no measurement. ${run.file.invalid_because}`);
}

function checkRow(check) {
  const shown = (value) => typeof value === 'number' ? brief(value) : printable(value);
  const name = element('div', {}, printable(check.name),
    check.likely_causes ? element('p', { class: 'faint' }, printable(check.likely_causes)) : null);
  return [name, shown(check.expected), shown(check.observed)];
}

const CHECK_HEAD = ['check', 'expected', 'observed'];

/** Thresholds of the file first. */
function inOrder(checks) {
  return [...checks.filter((check) => check.threshold), ...checks.filter((check) => !check.threshold)];
}

function counted(checks) {
  const thresholds = checks.filter((check) => check.threshold).length;
  return [[thresholds, 'threshold'], [checks.length - thresholds, 'check']].filter((part) => part[0] > 0)
    .map((part) => plural(part[0], part[1])).join(', ');
}

function failedChecks(run) {
  const failed = run.checks.filter((check) => !check.passed);
  if (failed.length === 0) return null;
  return tableCard(`Failed: ${counted(failed)}`, CHECK_HEAD, inOrder(failed).map(checkRow), 'checks');
}

/** Those that fail are among the failed checks. */
function heldThresholds(run) {
  const held = run.checks.filter((check) => check.threshold && check.passed);
  if (held.length === 0) return null;
  return tableCard('Thresholds that hold', null,
    held.map((check) => [printable(check.name), brief(check.observed), badge('holds')]), 'held');
}

function passedChecks(run) {
  const passed = run.checks.filter((check) => check.passed && !check.threshold);
  if (passed.length === 0) return null;
  return element('details', { class: 'card inner' }, element('summary', {}, `Passed: ${counted(passed)}`),
    table('', CHECK_HEAD, inOrder(passed).map(checkRow), 'checks'));
}

/** Of a plot: one level below the run, which is the page if there is one run alone. */
function heading() {
  return report.scenarios.length === 1 ? 'h2' : 'h3';
}

function plots(run, places) {
  return figures(plotsOf(run), heading(), places) ||
    element('p', { class: 'faint' }, 'The run was too short for curves over time.');
}

const TIMES = [['count', 'count'], ['least', 'min'], ['mean', 'mean'], ['P50', 'p50'], ['P90', 'p90'],
               ['P95', 'p95'], ['P99', 'p99'], ['P99.9', 'p99_9'], ['P99.99', 'p99_99'], ['longest', 'max']];

function latencies(run) {
  const planned = run.file && run.file.planned > 0;
  const columns = [[planned ? 'from the plan' : 'response', run.response_time_ms]];
  if (planned) columns.push(['from the start', run.service_time_ms]);
  if (run.queue_wait_ms) columns.push(['waiting', run.queue_wait_ms]);
  return tableCard('Latency in ms', ['', ...columns.map((one) => one[0])],
    TIMES.map(([label, key]) => [label, ...columns.map((one) => brief(one[1][key]))]));
}

function reasons(run) {
  const counts = Object.entries(run.starts.failed_by_reason).sort((a, b) => b[1] - a[1]);
  if (counts.length === 0) return null;
  const most = counts[0][1];
  return tableCard('Rejections by reason', ['reason', 'requests'],
    counts.map(([reason, count]) => {
      const bar = element('span', { class: 'bar' });
      bar.style.width = `${100 * count / most}%`;
      return [element('div', {}, printable(reason).replaceAll('_', ' '), bar), brief(count)];
    }));
}

function kinds(run) {
  const all = Object.entries(run.per_kind);
  if (all.length < 2) return null;
  return tableCard('Response by kind, in ms', ['kind', 'count', 'P50', 'P99', 'longest'],
    all.map(([name, times]) => [nameOf(name), ...['count', 'p50', 'p99', 'max'].map((key) => brief(times[key]))]));
}

/** Only a report with --show-users has the ids. */
function users(run) {
  const named = run.per_user.filter((user) => 'user' in user).sort((a, b) => b.conversations - a.conversations);
  if (named.length === 0) return null;
  return element('details', { class: 'card inner' }, element('summary', {}, plural(named.length, 'user')),
    table('', ['user', 'conversations', 'mean, ms'],
      named.map((user) => [printable(user.user), brief(user.conversations), brief(user.mean_ms)])));
}

function setting(run) {
  const limits = run.limits;
  const time = (seconds) => seconds === null ? 'none' : `${brief(seconds)} s`;
  const rows = [['conversations at once', brief(limits.max_concurrent)], ['of one user', brief(limits.max_per_user)],
    ['idle timeout', time(limits.idle_timeout_s)], ['longest duration', time(limits.max_duration_s)],
    ['waiting at once', brief(limits.max_waiting)], ['waiting of one user', brief(limits.max_waiting_per_user)],
    ['a start waits', run.wait_s > 0 ? `up to ${brief(run.wait_s)} s` : 'never'], ['users', brief(run.users)]];
  if (run.file) {
    rows.push(['seed', String(run.file.seed)]);
    if (run.file.planned > 0) rows.push(['late starts', `${brief(run.file.late)} of ${brief(run.file.planned)}`]);
    if (run.file.expired + run.file.thrown > 0) {
      rows.push(['ended otherwise', `${brief(run.file.expired)} by the engine, ${brief(run.file.thrown)} by exceptions`]);
    }
  }
  return tableCard('Limits and load', null, rows, 'facts');
}

/** The text is that of the file; options may have changed it. */
function scenarioText(run) {
  if (!run.file || !run.file.text) return null;
  return element('details', { class: 'card inner' }, element('summary', {}, 'Scenario file'),
    element('pre', {}, run.file.text.split('\n').map(printable).join('\n')));
}

/** All below the headline. */
function body(run, places) {
  return [invalidNote(run), tiles(run), failedChecks(run), heldThresholds(run), plots(run, places),
    element('div', { class: 'columns' }, latencies(run), reasons(run), kinds(run), setting(run)),
    passedChecks(run), scenarioText(run), users(run)].filter(Boolean);
}
