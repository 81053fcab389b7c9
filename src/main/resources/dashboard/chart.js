// Counts over time as stacked columns; the same figures stand in a table for who can't see them.

import {h, svg} from './dom.js';
import {dateTime, hour, number, t} from './text.js';

const KINDS = ['succeeded', 'failed', 'cancelled'];
const HEIGHT = 140;
const GAP = 0.22;

/** @param stats as /api/stats gives them */
export function throughput(stats) {
  const slots = stats.slots;
  const most = Math.max(1, ...slots.map(slot => KINDS.reduce((sum, kind) => sum + slot[kind], 0)));
  const top = nice(most);
  const days = stats.step >= 86400;
  const columns = slots.map((slot, place) => {
    let base = HEIGHT;
    const parts = KINDS.map(kind => {
      const height = slot[kind] / top * HEIGHT;
      base -= height;
      return slot[kind] ? svg('rect', {class: `column ${kind}`, x: place + GAP / 2, y: base, width: 1 - GAP, height}) : null;
    });
    return svg('g', {}, svg('title', {}, words(slot)), svg('rect', {class: 'catch', x: place, y: 0, width: 1, height: HEIGHT}), parts);
  });
  const lines = [0, 0.5, 1].map(share =>
    svg('line', {class: 'grid', x1: 0, x2: slots.length, y1: HEIGHT * share, y2: HEIGHT * share, 'vector-effect': 'non-scaling-stroke'}));
  const every = Math.ceil(slots.length / 6);
  const times = slots.filter((slot, place) => place % every === 0).map((slot, place) => {
    const label = h('span', {}, hour(slot.at, days));
    label.style.flex = `${Math.min(every, slots.length - place * every)} 1 0`;
    return label;
  });
  return h('figure', {class: 'chart'},
    h('div', {class: 'plot', 'aria-hidden': 'true'},
      h('div', {class: 'scale'}, h('span', {}, number(top)), h('span', {}, number(top / 2)), h('span', {}, '0')),
      svg('svg', {viewBox: `0 0 ${slots.length} ${HEIGHT}`, preserveAspectRatio: 'none'}, lines, columns),
      h('div', {class: 'times'}, times)),
    h('figcaption', {class: 'legend'}, KINDS.map(kind =>
      h('span', {class: `key ${kind}`}, `${t(`state.${kind}`)}: ${number(total(slots, kind))}`))),
    table(slots));
}

export const total = (slots, kind) => slots.reduce((sum, slot) => sum + slot[kind], 0);

function nice(most) {
  const tens = 10 ** Math.floor(Math.log10(most));
  const step = [2, 4, 6, 10].find(factor => factor * tens >= most);
  return Math.max(2, step * tens);
}

function words(slot) {
  return `${dateTime(slot.at)}\n${KINDS.map(kind => `${t(`state.${kind}`)}: ${slot[kind]}`).join('\n')}`;
}

/** Only steps in which something ended: nobody wants to hear twenty times nothing. */
function table(slots) {
  const busy = slots.filter(slot => KINDS.some(kind => slot[kind] > 0));
  return h('div', {class: 'unseen'}, h('table', {},
    h('caption', {}, t('throughput')),
    h('thead', {}, h('tr', {}, h('th', {scope: 'col'}, t('time')), KINDS.map(kind => h('th', {scope: 'col'}, t(`state.${kind}`))))),
    h('tbody', {}, busy.map(slot =>
      h('tr', {}, h('th', {scope: 'row'}, dateTime(slot.at)), KINDS.map(kind => h('td', {}, number(slot[kind]))))))));
}

/** Failures by reason, as lying bars. */
export function reasons(counts) {
  const entries = Object.entries(counts).sort((a, b) => b[1] - a[1]);
  const most = Math.max(1, ...entries.map(entry => entry[1]));
  return h('ul', {class: 'reasons'}, entries.map(([reason, count]) => {
    const fill = h('span', {class: 'fill'});
    fill.style.transform = `scaleX(${count / most})`;
    return h('li', {}, h('span', {}, t(`reason.${reason}`)), h('span', {class: 'bar', 'data-state': 'failed', 'aria-hidden': 'true'}, fill),
      h('span', {class: 'figure'}, number(count)));
  }));
}
