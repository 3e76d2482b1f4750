// SPDX-License-Identifier: BSL-1.0
// Elements and numbers. Names in the data may be any bytes, so they become text and never markup.
'use strict';

/** What the page shows, as the tool wrote it. */
const report = JSON.parse(document.getElementById('data').textContent);

/** An element. Children that are no elements become text. */
function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
  for (const child of children.flat()) {
    if (child === null || child === undefined) continue;
    made.append(child instanceof Node ? child : String(child));
  }
  return made;
}

/** An element of SVG. */
function shape(name, attributes, text) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

/** Shows control characters, and drops those that turn the direction of the text around. */
function printable(text) {
  return String(text)
    .replace(/[\u0000-\u001f]/g, (control) => String.fromCharCode(0x2400 + control.charCodeAt(0)))
    .replace(/[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, '\ufffd');
}

/** A name, which may break behind each underscore, and where a name in C++ has parts. */
function nameOf(text) {
  const made = element('bdi');
  for (const part of printable(text).split(/(?<=_|::|<|,)/)) {
    if (made.hasChildNodes()) made.append(element('wbr'));
    made.append(part);
  }
  return made;
}

/** Three digits that count: 0.0123, 4.56, 78.9, 1,234. */
function brief(number) {
  if (typeof number !== 'number' || !Number.isFinite(number)) return '\u2013';
  const size = Math.abs(number);
  if (size >= 100 || number === 0) return Math.round(number).toLocaleString('en');
  return String(Number(number.toPrecision(3)));
}

/** A label of an axis. */
function tickText(number) {
  if (Math.abs(number) >= 10000) return number.toLocaleString('en', { notation: 'compact' });
  return number.toLocaleString('en', { maximumSignificantDigits: 4 });
}

/** A length of time in a unit that fits it, given in ms. */
function span(ms) {
  const [factor, unit] = ms >= 1000 ? [0.001, 's'] : ms >= 0.1 || ms === 0 ? [1, 'ms'] :
    ms >= 0.001 ? [1e3, '\u00b5s'] : [1e6, 'ns'];
  return `${brief(ms * factor)} ${unit}`;
}

/** A large number in a few characters. */
function compact(number) {
  if (number < 100000) return brief(number);
  return number.toLocaleString('en', { notation: 'compact', maximumSignificantDigits: 3 });
}

function plural(count, noun) {
  return `${brief(count)} ${noun}${count === 1 ? '' : 's'}`;
}

function badge(verdict) {
  const shown = ['passed', 'found', 'holds', 'met'].includes(verdict) ? verdict : verdict.toUpperCase();
  return element('span', { class: `verdict ${verdict}` }, shown);
}

/** A table. The first cell of each row is its header. */
function table(caption, head, rows, kind) {
  const cells = (row) => row.map((cell, at) =>
    element(at === 0 ? 'th' : 'td', at === 0 ? { scope: 'row' } : {}, cell));
  return element('table', { class: kind || '' },
    caption ? element('caption', {}, caption) : null,
    head ? element('thead', {}, element('tr', {},
      head.map((text) => element('th', { scope: 'col' }, text)))) : null,
    element('tbody', {}, rows.map((row) => element('tr', {}, cells(row)))));
}
