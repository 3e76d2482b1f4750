// SPDX-License-Identifier: BSL-1.0
// Draws a plot with chart.js.
'use strict';

function axisOptions(axis, colours) {
  const options = {
    type: axis.logarithmic ? 'logarithmic' : 'linear',
    title: { display: true, text: axis.title, color: colours('--faint') },
    grid: { color: colours('--line'), borderColor: colours('--line') },
    ticks: { color: colours('--faint'), maxRotation: 0, autoSkipPadding: 12, includeBounds: false, callback: tickText },
  };
  if (axis.whole) options.ticks.precision = 0;
  if (axis.logarithmic) {
    // One label a decade; of few decades also those between.
    options.afterBuildTicks = (scale) => {
      const wide = scale.max / scale.min > 1000;
      const kept = scale.ticks.filter((tick) => {
        const first = tick.value / 10 ** Math.floor(Math.log10(tick.value) + 1e-9);
        return [1, 2, 5].some((digit) => Math.abs(first - digit) < 1e-6 && (digit === 1 || !wide));
      });
      if (kept.length > 0) scale.ticks = kept;
    };
  }
  if (axis.ticks) {
    options.afterBuildTicks = (scale) => {
      scale.ticks = axis.ticks.filter((tick) => tick.value <= scale.max + 1e-9)
        .map((tick) => ({ value: tick.value }));
    };
    options.ticks.callback = (value) =>
      axis.ticks.find((tick) => Math.abs(tick.value - value) < 1e-9).label;
  }
  return options;
}

function chartOptions(plot, colours) {
  const x = { ...axisOptions(plot.x, colours), ...horizontalRange(plot) };
  const y = axisOptions(plot.y, colours);
  y.beginAtZero = !plot.y.logarithmic && !plot.y.floating;
  if (!plot.y.logarithmic) y.grace = plot.y.floating ? '20%' : '5%';
  return {
    animation: false, maintainAspectRatio: false, parsing: false, normalized: true,
    interaction: { mode: 'nearest', axis: 'x', intersect: false },
    plugins: {
      legend: { display: false },
      tooltip: {
        callbacks: {
          title: (items) => items.length > 0 ? `${plot.x.title}: ${xText(plot, items[0].parsed.x)}` : '',
          label: (item) => `${item.dataset.label}: ${brief(item.parsed.y)}`,
        },
      },
    },
    scales: { x, y },
  };
}

function xText(plot, x) {
  return plot.x.ticks ? `${brief((1 - 10 ** -x) * 100)} %` : brief(x);
}

function pointsOf(one) {
  if (one.mark === 'cross') return { showLine: false, pointStyle: 'crossRot', pointRadius: 6, pointBorderWidth: 3 };
  if (one.mark) return { showLine: false, pointRadius: 5 };
  return { pointRadius: one.points.length < 25 && one.dash.length === 0 ? 2.5 : 0 };
}

/** Returns a function that removes the drawing. */
function draw(place, plot) {
  const style = getComputedStyle(document.documentElement);
  const colours = (name) => style.getPropertyValue(name).trim();
  const canvas = element('canvas', { role: 'img', 'aria-label': spoken(plot) });
  place.replaceChildren(canvas);
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  const chart = new Chart(canvas, {
    type: 'line',
    options: chartOptions(plot, colours),
    data: {
      // Dashed curves come later, and lie on top.
      datasets: plot.curves.map((one, at) => ({
        order: -at, label: one.label, borderColor: colours(one.colour), backgroundColor: colours(one.colour),
        borderDash: one.dash, borderWidth: 2, pointHitRadius: 6, clip: 8, ...pointsOf(one),
        data: one.points.map((point) => ({ x: point[0], y: point[1] })),
      })),
    },
  });
  return () => chart.destroy();
}
