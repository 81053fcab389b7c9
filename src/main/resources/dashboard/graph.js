// The path of a job as a graph: which stage follows which, and how each stands, in colour and word.

import {h, setAttribute, setText, svg} from './dom.js';
import {model, path} from './model.js';
import {badge, bar, stageWords} from './parts.js';
import {named, t} from './text.js';

const FOLLOWS = [['prepare', 'tts'], ['prepare', 'video_concat'], ['tts', 'audio_mix'], ['audio_mix', 'mux'],
  ['video_concat', 'mux'], ['mux', 'finish']];

/** @param job gives the job as it stands */
export function graph(job) {
  const lines = svg('svg', {class: 'edges', 'aria-hidden': 'true'});
  const nodes = new Map();
  const element = h('ol', {class: 'graph', 'aria-label': t('stages')});
  const whole = h('div', {class: 'graph-frame'}, lines, element);

  function node(id) {
    const state = badge('pending');
    const progress = bar(named('stage', id));
    const figures = h('span', {class: 'figures'});
    const more = h('span', {class: 'more'});
    const item = h('li', {class: `node at-${id.replace('_', '-')}`},
      h('span', {class: 'name'}, named('stage', id)), h('code', {class: 'id'}, id), state.element, progress.element, figures, more);
    element.append(item);
    return {item, state, progress, figures, more};
  }

  function update() {
    for (const stage of path(job())) {
      if (!nodes.has(stage.id)) {
        nodes.set(stage.id, node(stage.id));
      }
      const {item, state, progress, figures, more} = nodes.get(stage.id);
      setAttribute(item, 'data-state', stage.status);
      state.set(stage.status);
      progress.set(stage.done, stage.status);
      setText(figures, stageWords(stage, model.queue?.mode === 'suspended'));
      const words = [];
      if (stage.record?.attempts > 1) {
        words.push(t('attempt', {number: stage.record.attempts}));
      }
      if (stage.record?.metadata?.inputs) {
        words.push(t('inputs', {number: stage.record.metadata.inputs}));
      }
      if (stage.record?.metadata?.uses_gpu) {
        words.push('GPU');
      }
      setText(more, words.join(' · '));
      setAttribute(item, 'title', stage.record?.error ?? null);
    }
    connect();
  }

  /** Draws each line from the right edge of one to the left edge of the next; where they stand below each other, CSS does. */
  function connect() {
    const frame = whole.getBoundingClientRect();
    setAttribute(lines, 'viewBox', `0 0 ${Math.round(frame.width)} ${Math.round(frame.height)}`);
    FOLLOWS.forEach(([from, to], place) => {
      const start = nodes.get(from).item.getBoundingClientRect();
      const end = nodes.get(to).item.getBoundingClientRect();
      const line = lines.children[place] ?? lines.appendChild(svg('path', {class: 'edge'}));
      const x1 = start.right - frame.left;
      const y1 = start.top + start.height / 2 - frame.top;
      const x2 = end.left - frame.left;
      const y2 = end.top + end.height / 2 - frame.top;
      const bend = Math.max(10, (x2 - x1) / 2);
      setAttribute(line, 'd', `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`);
      const passed = ['succeeded', 'reused', 'idle'].includes(nodes.get(from).item.dataset.state);
      setAttribute(line, 'data-passed', passed ? 'yes' : 'no');
    });
  }

  const resized = new ResizeObserver(() => connect());
  update();
  resized.observe(whole);
  return {element: whole, update, end: () => resized.disconnect()};
}
