// SPDX-License-Identifier: BSL-1.0
// Plots: what one shows, its legend, its place in the page. The drawing is in plot_*.js.
'use strict';

const MAX_POINTS = 2000;

function thinned(points) {
  if (points.length <= MAX_POINTS) return points;
  const step = (points.length - 1) / (MAX_POINTS - 1);
  return Array.from({ length: MAX_POINTS }, (_, at) => points[Math.round(at * step)]);
}

/** `colour` is a variable of the style sheet, `points` are [x, y]. With a mark, 'circle' or 'cross', the
    points stand alone, without a line. */
function curve(label, colour, points, dash, mark) {
  return { label, colour, points: thinned(points), dash: dash || [], mark: mark || null };
}

/** Values that differ by more than a factor of 30 are not told apart on a linear axis. */
function logarithmicIfWide(title, ...lists) {
  const values = lists.flat().map((point) => point[1]).filter((value) => value > 0);
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = values.reduce((a, b) => Math.max(a, b), 0);
  return { title, logarithmic: values.length > 0 && high > 30 * low };
}

/** From where to where the x axis goes. */
function horizontalRange(plot) {
  const all = plot.curves.flatMap((one) => [one.points[0][0], one.points[one.points.length - 1][0]]);
  const low = Math.min(...all);
  const high = Math.max(...all);
  if (plot.x.logarithmic) return { min: low / 1.1, max: high * 1.1 };
  return { min: Math.min(low, plot.x.whole ? 1 : 0), max: high };
}

/** For readers that hear the page. */
function spoken(plot) {
  const ranges = plot.curves.map((one) => {
    const values = one.points.map((point) => point[1]);
    return `${one.label} from ${brief(values.reduce((a, b) => Math.min(a, b)))} to ` +
      brief(values.reduce((a, b) => Math.max(a, b)));
  });
  return `${plot.title}, ${plot.y.title}, by ${plot.x.title}: ${ranges.join('; ')}`;
}

/** A circle, or a cross. */
function markShape(one, x, y, size) {
  if (one.mark !== 'cross') return shape('circle', { cx: x, cy: y, r: size, fill: `var(${one.colour})` });
  const arms = `M${x - size} ${y - size}L${x + size} ${y + size}M${x - size} ${y + size}L${x + size} ${y - size}`;
  return shape('path', { d: arms, stroke: `var(${one.colour})`, 'stroke-width': 3 });
}

function legend(plot) {
  return element('ul', { class: 'legend', 'aria-hidden': 'true' }, plot.curves.map((one) => {
    const picture = shape('svg', { viewBox: '0 0 24 10', width: 24, height: 10 });
    picture.append(one.mark ? markShape(one, 12, 5, 4) :
      shape('line', { x1: 0, x2: 24, y1: 5, y2: 5, stroke: `var(${one.colour})`, 'stroke-width': 3,
                      'stroke-dasharray': one.dash.join(' ') || 'none' }));
    return element('li', {}, picture, one.label);
  }));
}

/** The plots as figures; `level` is the element of their titles. Adds to `places`: [element, plot].
    A line needs two points, and a bound alone shows nothing. */
function figures(plots, level, places) {
  const shown = plots
    .map((plot) => ({ ...plot, curves: plot.curves.filter((one) => one.points.length > (one.mark ? 0 : 1)) }))
    .filter((plot) => plot.curves.some((one) => one.colour !== '--bound'));
  if (shown.length === 0) return null;
  return element('div', { class: 'grid' }, shown.map((plot) => {
    const place = element('div', { class: 'plot' });
    places.push([place, plot]);
    return element('figure', { class: 'card' },
      element('figcaption', {}, element(level, {}, plot.title),
              plot.note ? element('span', { class: 'faint' }, ` \u00b7 ${plot.note}`) : null),
      legend(plot), place);
  }));
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
