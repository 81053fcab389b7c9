// Pieces that several views show: states, stages, acts on jobs.

import {job as jobPath, post} from './api.js';
import {announce, button, confirmed, h, icon, setAttribute, setText, toast} from './dom.js';
import {learn, left, model, path} from './model.js';
import {duration, going, named, percent, speed, t} from './text.js';

const ICONS = {
  queued: 'clock', running: 'play', succeeded: 'check', failed: 'cross', cancelled: 'ban', pending: 'clock', retrying: 'retry',
  reused: 'recycle', rolled_back: 'retry', idle: 'minus', ready: 'check', draining: 'pause', away: 'ban', cancelling: 'ban', run: 'play', reuse: 'recycle',
};

/** A state in colour, with its picture and its word. */
export function badge(state) {
  const words = h('span', {});
  const element = h('span', {class: 'badge'});
  const set = next => {
    if (element.dataset.state !== next) {
      element.dataset.state = next;
      words.textContent = named('state', next);
      element.replaceChildren(icon(ICONS[next] ?? 'clock'), words);
    }
  };
  set(state);
  return {element, set};
}

export const stateOf = job => job.cancelling && job.status === 'running' ? 'cancelling' : job.status;
export const titleOf = job => job.title ?? job.id;
export const linkTo = id => `#/jobs/${encodeURIComponent(id)}`;

/** How far something is. The bar is drawn by its scale, which costs no layout. */
export function bar(label) {
  const inside = h('span', {class: 'fill'});
  const element = h('span', {class: 'bar', role: 'progressbar', 'aria-label': label, 'aria-valuemin': '0', 'aria-valuemax': '100'},
    inside);
  let shown = -1;
  return {
    element,
    set(done, state) {
      const share = Math.round(Math.max(0, Math.min(1, done)) * 1000) / 1000;
      if (share !== shown) {
        shown = share;
        inside.style.transform = `scaleX(${share})`;
        setAttribute(element, 'aria-valuenow', Math.round(share * 100));
      }
      setAttribute(element, 'data-state', state);
    },
  };
}

/** What a stage tells beside its bar: how long it took, or how fast it is and what is left. */
export function stageWords(stage, suspended = false) {
  const {status, record, progress} = stage;
  if (status === 'running') {
    if (suspended) {
      return t('stage.still');
    }
    const seconds = left(progress);
    return [progress ? percent(progress.done) : '', speed(progress?.speed ?? 0),
      seconds === null ? '' : t('left', {time: going(seconds)})].filter(Boolean).join(' · ');
  }
  if (record?.started_at && record.ended_at && status !== 'idle') {
    return duration((Date.parse(record.ended_at) - Date.parse(record.started_at)) / 1000);
  }
  return '';
}

/** The six stages of a running job side by side, each with its bar, its word and its figures. */
export function pipeline(job) {
  const cells = new Map();
  const element = h('ol', {class: 'pipeline', 'aria-label': t('stages')});
  function cell(id) {
    const name = named('stage', id);
    const progress = bar(name);
    const word = h('span', {class: 'word'});
    const figures = h('span', {class: 'figures'});
    const item = h('li', {class: 'cell'},
      h('span', {class: 'name'}, name), progress.element, h('span', {class: 'below'}, word, figures));
    element.append(item);
    return {item, progress, word, figures};
  }
  function update() {
    for (const stage of path(job())) {
      if (!cells.has(stage.id)) {
        cells.set(stage.id, cell(stage.id));
      }
      const {item, progress, word, figures} = cells.get(stage.id);
      setAttribute(item, 'data-state', stage.status);
      progress.set(stage.done, stage.status);
      setText(word, named('state', stage.status));
      setText(figures, stageWords(stage, model.queue?.mode === 'suspended'));
    }
  }
  update();
  return {element, update};
}

/** Does something, and tells whether it was done. */
export async function attempt(act, done) {
  try {
    const result = await act();
    if (done) {
      toast(done);
    }
    return result;
  } catch (problem) {
    toast(problem.status === 0 ? t('lost.detail') : problem.message, 'bad', t('close'));
    return null;
  }
}

export async function cancel(job) {
  if (job.status === 'running' && !await confirmed(t('cancel.question', {job: titleOf(job)}), t('cancel.yes'), t('cancel.no'))) {
    return;
  }
  const answer = await attempt(() => post(jobPath(job.id, '/cancel')));
  if (answer) {
    learn([answer]);
    announce(t('cancelled.told', {job: titleOf(job)}));
  }
}

export async function retry(job) {
  const answer = await attempt(() => post(jobPath(job.id, '/retry')), t('retried.told', {job: titleOf(job)}));
  if (answer) {
    learn([answer]);
  }
}

async function prioritise(job, priority) {
  if (priority < 0 || priority > 9) {
    return;
  }
  const answer = await attempt(() => post(jobPath(job.id, '/priority'), {priority, was: job.priority}));
  if (answer) {
    learn([answer]);
    announce(t('priority.told', {job: titleOf(job), priority}));
  }
}

/** The priority of a job, with buttons to change it while the job waits. */
export function priority(job) {
  const figure = h('span', {class: 'figure'});
  const up = button('', {icon: 'up', bare: true, onclick: () => prioritise(job(), job().priority + 1)});
  const down = button('', {icon: 'down', bare: true, onclick: () => prioritise(job(), job().priority - 1)});
  const element = h('span', {class: 'priority'}, down, figure, up);
  function update() {
    const now = job();
    setText(figure, `P${now.priority}`);
    setAttribute(figure, 'title', t('priority'));
    setAttribute(figure, 'aria-label', `${t('priority')} ${now.priority}`);
    setAttribute(figure, 'role', 'img');
    const changeable = now.status === 'queued' && !model.session.read_only;
    for (const [step, label, end] of [[up, 'priority.up', 9], [down, 'priority.down', 0]]) {
      step.hidden = !changeable;
      // Disabled would lose the focus of who has just pressed it.
      setAttribute(step, 'aria-disabled', now.priority === end ? 'true' : null);
      const words = t(label, {job: titleOf(now)});
      setAttribute(step, 'aria-label', words);
      setAttribute(step, 'title', words);
    }
  }
  update();
  return {element, update};
}

/** What can be done to a job as it stands. */
export function acts(job, bare = true) {
  const stop = button(t('cancel'), {icon: 'stop', bare, kind: 'cancel', onclick: () => cancel(job())});
  const again = button(t('retry'), {icon: 'retry', bare, kind: 'retry', onclick: () => retry(job())});
  const element = h('span', {class: 'acts'}, stop, again);
  function update() {
    const now = job();
    const writable = !model.session.read_only;
    stop.hidden = !writable || !['queued', 'running'].includes(now.status) || now.cancelling;
    again.hidden = !writable || !['failed', 'cancelled'].includes(now.status);
    if (bare) {
      for (const [one, key] of [[stop, 'cancel.of'], [again, 'retry.of']]) {
        const words = t(key, {job: titleOf(now)});
        setAttribute(one, 'aria-label', words);
        setAttribute(one, 'title', words);
      }
    }
  }
  update();
  return {element, update};
}

export function tags(job) {
  return Object.entries(job.tags ?? {}).map(([name, value]) =>
    h('a', {class: 'tag', href: `#/jobs?tag=${encodeURIComponent(`${name}:${value}`)}`}, `${name}: ${value}`));
}

export function empty(words, ...more) {
  return h('div', {class: 'empty'}, icon('empty'), h('p', {}, words), ...more);
}

export function panel(heading, ...content) {
  return h('section', {class: 'panel', 'aria-label': heading}, h('h2', {}, heading), ...content);
}
