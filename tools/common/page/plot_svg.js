// SPDX-License-Identifier: BSL-1.0
// Draws a plot as SVG, where chart.js was not there when the tool was built.
'use strict';

/** Round numbers from below `low` to above `high`. */
function roundTicks(low, high, wanted, whole) {
  const raw = Math.max((high - low) / wanted, whole ? 1 : 1e-12);
  const decade = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].find((factor) => factor * decade >= raw * (1 - 1e-9)) * decade;
  const ticks = [];
  for (let at = Math.floor(low / step + 1e-9); at * step < high + step * (1 - 1e-9); at += 1)
    ticks.push(Number((at * step).toPrecision(12)));
  return ticks;
}

/** The powers of ten, and between few of them also 2 and 5 times each. */
function decadeTicks(low, high) {
  const first = Math.floor(Math.log10(low));
  const last = Math.ceil(Math.log10(high));
  const between = last - first > 3 ? [1] : [1, 2, 5];
  const ticks = [];
  for (let power = first; power <= last; power += 1)
    for (const factor of between) ticks.push(factor * 10 ** power);
  const begin = ticks.filter((tick) => tick <= low).length - 1;
  const end = ticks.findIndex((tick) => tick >= high);
  return ticks.slice(Math.max(begin, 0), end + 1);
}

function rangeOf(points, axis) {
  const values = points.filter((value) => !axis.logarithmic || value > 0);
  let low = values.reduce((a, b) => Math.min(a, b), Infinity);
  let high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  if (!axis.logarithmic && !axis.floating) low = Math.min(low, 0);
  if (high <= low) high = low + (axis.logarithmic ? low : 1);
  return [low, high];
}

/** Ticks of the y axis, and where a value stands: 0 at the bottom, 1 at the top. */
function verticalScale(plot) {
  const [low, high] = rangeOf(plot.curves.flatMap((one) => one.points.map((p) => p[1])), plot.y);
  const ticks = plot.y.logarithmic ? decadeTicks(low, high) : roundTicks(low, high, 5, plot.y.whole);
  const on = plot.y.logarithmic ? Math.log10 : (value) => value;
  const bottom = on(ticks[0]);
  const height = on(ticks[ticks.length - 1]) - bottom || 1;
  return { ticks, at: (value) => Math.max(0, (on(value) - bottom) / height) };
}

function horizontalScale(plot, width) {
  const { min, max } = horizontalRange(plot);
  const values = plot.x.logarithmic ? decadeTicks(min, max) : roundTicks(min, max, width / 60, plot.x.whole);
  const ticks = plot.x.ticks || values.map((value) => ({ value, label: tickText(value) }));
  const on = plot.x.logarithmic ? Math.log10 : (value) => value;
  return {
    ticks: ticks.filter((tick) => tick.value >= min && tick.value <= max),
    at: (value) => (on(value) - on(min)) / (on(max) - on(min) || 1),
  };
}

function curveShapes(one, x, y, area) {
  const places = one.points.map(([at, value]) =>
    [area.left + x.at(at) * area.width, area.top + (1 - y.at(value)) * area.height]);
  if (one.mark) return places.map(([left, top]) => markShape(one, left, top, 5));
  return [shape('polyline', {
    points: places.map((place) => place.map((part) => part.toFixed(1)).join(',')).join(' '), fill: 'none',
    stroke: `var(${one.colour})`, 'stroke-width': 2, 'stroke-dasharray': one.dash.join(' ') || 'none',
    'stroke-linejoin': 'round',
  })];
}

function axesOf(plot, x, y, area) {
  const shapes = [];
  const line = (x1, y1, x2, y2) => shapes.push(shape('line', { x1, y1, x2, y2, stroke: 'var(--line)' }));
  const bottom = area.top + area.height;
  for (const tick of y.ticks) {
    const at = area.top + (1 - y.at(tick)) * area.height;
    line(area.left, at, area.left + area.width, at);
    shapes.push(shape('text', { x: area.left - 6, y: at + 4, 'text-anchor': 'end' }, tickText(tick)));
  }
  for (const tick of x.ticks) {
    const at = area.left + x.at(tick.value) * area.width;
    line(at, area.top, at, bottom + 4);
    shapes.push(shape('text', { x: at, y: bottom + 17, 'text-anchor': 'middle' }, tick.label));
  }
  const middle = area.top + area.height / 2;
  shapes.push(shape('text', { x: area.left + area.width / 2, y: bottom + 34, 'text-anchor': 'middle' },
                    plot.x.title));
  shapes.push(shape('text', { transform: `translate(12 ${middle}) rotate(-90)`, 'text-anchor': 'middle' },
                    plot.y.title));
  return shapes;
}

/** Returns a function that removes the drawing. The colours follow the style sheet. */
function draw(place, plot) {
  const paint = () => {
    const width = place.clientWidth || 440;
    const height = place.clientHeight || 250;
    const area = { left: 62, top: 10, width: width - 62 - 16, height: height - 10 - 40 };
    const x = horizontalScale(plot, area.width);
    const y = verticalScale(plot);
    const picture = shape('svg', { role: 'img', 'aria-label': spoken(plot), viewBox: `0 0 ${width} ${height}` });
    picture.append(...axesOf(plot, x, y, area), ...plot.curves.flatMap((one) => curveShapes(one, x, y, area)));
    place.replaceChildren(picture);
  };
  paint();
  window.addEventListener('resize', paint);
  return () => window.removeEventListener('resize', paint);
}
