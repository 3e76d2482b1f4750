// SPDX-License-Identifier: BSL-1.0
// The frame of a page: its headline, tiles, and the machine that it was measured on.
'use strict';

function dateText() {
  return report.date ? report.date.replace('T', ' ').replace('Z', ' UTC') : '';
}

/** `lines` stand below the title, beside the date. A verdict is passed, failed or invalid. */
function headline(title, verdict, lines) {
  document.title = `${verdict ? `${verdict}: ` : ''}${title instanceof Node ? title.textContent : title}`;
  document.getElementById('head').append(
    element('div', { class: 'title' }, element('h1', {}, title), verdict ? badge(verdict) : null),
    element('p', { class: 'faint' }, [...lines, dateText()].filter(Boolean).join(' \u00b7 ')));
}

function tile(value, ...lines) {
  return element('div', { class: 'card tile' }, element('b', {}, value),
    lines.filter(Boolean).map((text) => element('span', {}, text)));
}

/** A table that lies on a card. */
function tableCard(caption, head, rows, kind) {
  return element('div', { class: 'card' }, table(caption, head, rows, kind));
}

function footer(more) {
  const machine = report.machine;
  const rows = [['processor', machine.processor], ['cores', machine.cores], ['system', machine.system],
    ['compiler', report.compiler], ['flags', report.flags], ...(more || []), ['version', report.tool_version],
    ['revision', report.revision], ['written', dateText()]];
  document.getElementById('foot').append(
    tableCard('Machine and build', null, rows.filter((row) => row[1] !== undefined).map(([name, value]) => [name, printable(value)]), 'facts'));
}
