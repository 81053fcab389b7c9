// All jobs: found by state, tag and text, page after page, and alive.

import {h, button, setAttribute, setText} from './dom.js';
import {list, model, overall} from './model.js';
import {acts, badge, bar, empty, linkTo, priority, stateOf, tags, titleOf} from './parts.js';
import {ago, dateTime, duration, going, named, number, percent, speed, t} from './text.js';
import {keyed} from './view-overview.js';

const STATES = ['running', 'queued', 'succeeded', 'failed', 'cancelled'];
const PAGE = 100;

export function jobs(root, query) {
  const states = new Set((query.get('state') ?? '').split(',').filter(state => STATES.includes(state)));
  const inQueue = states.size === 1 && states.has('queued');
  const rows = h('ul', {class: 'rows'});
  const more = button(t('more'), {kind: 'more', onclick: () => listed.more()});
  const count = h('p', {class: 'count', 'aria-live': 'off'});
  const chips = h('div', {class: 'chips', role: 'group', 'aria-label': t('filter.state')}, STATES.map(state => chip(state)));
  const search = h('input', {type: 'search', id: 'search', placeholder: t('search.hint'), 'aria-label': t('search'),
    value: query.get('text') ?? '', autocomplete: 'off', spellcheck: 'false'});
  const tag = query.get('tag');
  root.append(
    h('header', {class: 'head'}, h('h1', {tabindex: '-1'}, t('jobs')), model.session.read_only ? null
      : h('a', {class: 'button primary', href: '#/submit'}, h('span', {}, t('new.job')))),
    h('div', {class: 'filters'}, h('search', {}, search), chips,
      tag && h('a', {class: 'tag filter', href: link({tag: null}), 'aria-label': t('filter.remove', {tag})}, `${tag} ✕`)),
    count,
    h('div', {class: 'row titles', 'aria-hidden': 'true'},
      ['column.state', 'column.job', 'column.progress', 'column.priority', 'column.time', ''].map(key => h('span', {}, key ? t(key) : ''))),
    rows, more);
  more.hidden = true;

  const shown = keyed(rows, id => new Row(id), () => empty(query.size ? t('nothing.found') : t('nothing.yet')));
  const asked = new URLSearchParams();
  for (const name of ['text', 'tag']) {
    if (query.get(name)) {
      asked.set(name, query.get(name));
    }
  }
  if (inQueue) {
    asked.set('order', 'queue');
  } else if (states.size) {
    asked.set('state', [...states].join(','));
  }
  const listed = list(asked.toString(), PAGE, here => {
    shown.show(here.ids);
    more.hidden = !here.more;
    setText(count, here.more ? t('count.more', {number: number(here.ids.length)}) : t('count', {number: number(here.ids.length)}));
  });
  listed.onfail(problem => setText(count, problem.message));

  let typing = 0;
  search.addEventListener('input', () => {
    clearTimeout(typing);
    typing = setTimeout(() => location.replace(link({text: search.value.trim() || null})), 300);
  });

  function link(change) {
    const next = new URLSearchParams(query);
    for (const [name, value] of Object.entries(change)) {
      if (value === null) {
        next.delete(name);
      } else {
        next.set(name, value);
      }
    }
    return next.size ? `#/jobs?${next}` : '#/jobs';
  }

  function chip(state) {
    const others = new Set(states);
    if (!others.delete(state)) {
      others.add(state);
    }
    const figure = h('span', {class: 'figure'});
    const element = h('a', {class: `chip ${state}`, href: link({state: others.size ? [...others].join(',') : null}),
      'aria-current': states.has(state) ? 'true' : null}, h('span', {}, named('state', state)), figure);
    element.figure = figure;
    return element;
  }

  function counts() {
    [...chips.children].forEach((element, place) => setText(element.figure, number(model.queue?.jobs?.[STATES[place]] ?? 0)));
  }
  counts();

  return {
    title: t('jobs'),
    keep: 'search',
    update(change) {
      shown.update(change.jobs);
      if (change.queue) {
        counts();
      }
    },
    tick: () => shown.tick(),
    end() {
      clearTimeout(typing);
      listed.end();
    },
  };
}

class Row {
  constructor(id) {
    const job = () => model.jobs.get(id);
    this.job = job;
    this.state = badge(stateOf(job()));
    this.progress = bar(titleOf(job()));
    this.words = h('span', {class: 'words'});
    this.priority = priority(job);
    this.acts = acts(job);
    this.when = h('time', {class: 'when'});
    this.element = h('li', {class: 'row'},
      h('span', {class: 'cell-state'}, this.state.element),
      h('span', {class: 'cell-job'}, h('a', {class: 'title', href: linkTo(id)}, titleOf(job())),
        h('span', {class: 'beside'}, job().title ? h('code', {class: 'id'}, id) : null, tags(job()))),
      h('span', {class: 'cell-progress'}, this.progress.element, this.words),
      h('span', {class: 'cell-priority'}, this.priority.element),
      this.when, this.acts.element);
    this.update();
  }

  update() {
    const job = this.job();
    setAttribute(this.element, 'data-state', job.status);
    this.state.set(stateOf(job));
    this.progress.element.hidden = job.status !== 'running';
    if (job.status === 'running') {
      const all = overall(job);
      this.progress.set(all.done, 'running');
      setText(this.words, [all.at.map(stage => named('stage', stage.id)).join(' + '), percent(all.done), speed(all.speed),
        all.left === null ? '' : t('left', {time: going(all.left)})].filter(Boolean).join(' · '));
    } else {
      setText(this.words, job.error ?? job.waiting ?? took(job));
    }
    this.priority.update();
    this.acts.update();
    this.tick();
  }

  tick() {
    const job = this.job();
    const time = job.ended_at ?? job.started_at ?? job.created_at;
    setText(this.when, ago(time));
    setAttribute(this.when, 'datetime', time);
    setAttribute(this.when, 'title', dateTime(time));
  }
}

function took(job) {
  return job.started_at && job.ended_at ? t('took', {time: duration((Date.parse(job.ended_at) - Date.parse(job.started_at)) / 1000)}) : '';
}
