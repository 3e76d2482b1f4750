// SPDX-License-Identifier: BSL-1.0
// What each plot of a run shows: titles, axes and curves.
'use strict';

function overTime(run, value) {
  return run.series.map((point) => [point.at_s, value(point)]);
}

/** Counts a second. The last interval may be so short that one event would be a peak: it is joined with
    the one before. */
function rates(run, key) {
  const points = run.series.map((point) => ({ at: point.at_s, length: point.interval_s, count: point[key] }));
  const [before, last] = points.slice(-2);
  if (points.length > 2 && last.length < before.length / 2) {
    points.splice(-2, 2, { at: last.at, length: before.length + last.length, count: before.count + last.count });
  }
  return points.filter((point) => point.length > 0).map((point) => [point.at, point.count / point.length]);
}

const SECONDS = { title: 'time in s' };

function occupancy(run) {
  const limit = run.limits.max_concurrent;
  const last = run.series.length > 0 ? run.series[run.series.length - 1].at_s : 0;
  return {
    title: 'Active and waiting', x: SECONDS, y: { title: 'conversations', whole: true },
    curves: [
      curve('active', '--curve-1', overTime(run, (point) => point.active)),
      curve('waiting', '--curve-2', overTime(run, (point) => point.waiting), [2, 3]),
      curve(`limit: ${brief(limit)}`, '--bound', [[0, limit], [last, limit]], [8, 5]),
    ],
  };
}

function throughput(run) {
  return {
    title: 'Throughput and rejections', x: SECONDS, y: { title: 'per second' },
    curves: [
      curve('completed', '--curve-3', rates(run, 'completed')),
      curve('admitted', '--curve-1', rates(run, 'admitted'), [7, 4]),
      curve('rejected', '--curve-2', rates(run, 'rejected'), [2, 3]),
    ],
  };
}

function responses(run) {
  const ended = run.series.filter((point) => point.completed > 0);
  const of = (key) => ended.map((point) => [point.at_s, point[key]]);
  return {
    title: 'Response times over time', x: SECONDS, y: logarithmicIfWide('ms', of('p50_ms'), of('max_ms')),
    curves: [curve('P50', '--curve-1', of('p50_ms')), curve('P99', '--curve-4', of('p99_ms'), [7, 4]),
             curve('longest', '--curve-2', of('max_ms'), [2, 3])],
  };
}

/** As far to the right as the rest above it is small: 90, 99, 99.9 % are one step apart. The
    maximum stands where one value of all is left. */
function percentilePoints(points) {
  return points.map((point) => {
    const left = Math.max(1 - point.percent / 100, 1 / Math.max(point.count, 1));
    return [-Math.log10(Math.min(left, 1)), point.ms];
  });
}

function percentiles(run) {
  const planned = run.distribution.service.length > 0;
  const parts = [[planned ? 'response, from the plan' : 'response', '--curve-1', 'response', []],
                 ['service, from the start', '--curve-3', 'service', [7, 4]],
                 ['waiting', '--curve-2', 'queue_wait', [2, 3]]];
  const curves = parts.filter((part) => run.distribution[part[2]].length > 0).map((part) =>
    curve(part[0], part[1], percentilePoints(run.distribution[part[2]]), part[3]));
  const ticks = [0, 50, 90, 99, 99.9, 99.99, 99.999, 99.9999].map((percent) =>
    ({ value: -Math.log10(1 - percent / 100), label: String(percent) }));
  return {
    title: 'Latency by percentile', x: { title: 'percentile', ticks }, curves,
    y: logarithmicIfWide('ms', ...curves.map((one) => one.points)),
  };
}

function fairness(run) {
  const points = run.user_ranks.map((user) => [user.rank, user.conversations]);
  const total = run.file ? `Jain\u2019s index ${brief(run.file.fairness)}` : '';
  return {
    title: 'Conversations by user', note: total, x: { title: 'rank of the user, most first', whole: true },
    y: { title: 'completed', whole: true }, curves: [curve('a user\u2019s conversations', '--curve-3', points)],
  };
}

function memory(run) {
  return {
    title: 'Memory', x: SECONDS, y: { title: 'resident, MiB', floating: true },
    curves: [curve('resident', '--curve-4', overTime(run, (point) => point.resident_mib))],
  };
}

function plotsOf(run) {
  return [occupancy(run), throughput(run), percentiles(run), responses(run), fairness(run), memory(run)];
}
