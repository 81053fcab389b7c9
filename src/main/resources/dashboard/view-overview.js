// The first page: what runs, what comes next, how it went lately.

import {get, post} from './api.js';
import {reasons, throughput, total} from './chart.js';
import {arrange, h, icon, setAttribute, setText} from './dom.js';
import {list, model, overall} from './model.js';
import {acts, attempt, badge, bar, empty, linkTo, panel, pipeline, priority, stateOf, titleOf} from './parts.js';
import {ago, duration, going, number, speed, t} from './text.js';

const CARDS = 12;
const SHORT = 8;
const MODES = ['running', 'paused', 'suspended'];
const MODE_ICONS = {running: 'play', paused: 'pause', suspended: 'freeze'};

export function overview(root) {
  const tiles = new Tiles();
  const running = h('ul', {class: 'cards'});
  const next = h('ul', {class: 'lines'});
  const latest = h('ul', {class: 'lines'});
  const chart = h('div', {class: 'chart-frame'});
  const why = h('div', {});
  const mode = modes();
  root.append(
    h('header', {class: 'head'}, h('h1', {tabindex: '-1'}, t('overview')), mode.element),
    tiles.element,
    h('section', {class: 'wide', 'aria-label': t('running.now')}, h('h2', {}, t('running.now')), running),
    h('div', {class: 'columns'},
      panel(t('next.up'), next, h('a', {class: 'all', href: '#/jobs?state=queued'}, t('queue.whole'))),
      panel(t('finished.lately'), latest, h('a', {class: 'all', href: '#/jobs?state=succeeded,failed,cancelled'}, t('finished.all')))),
    panel(t('last.day'), h('div', {class: 'chart-row'}, chart, why)));

  const cards = keyed(running, job => new Card(job), () => empty(t('nothing.runs'),
    model.session.read_only ? null : h('a', {class: 'button primary', href: '#/submit'}, icon('plus'), h('span', {}, t('new.job')))));
  const waiting = keyed(next, job => new Waiting(job), () => empty(t('nothing.waits')));
  const ended = keyed(latest, job => new Ended(job), () => empty(t('nothing.ended')));
  const lists = [
    list('state=running', CARDS, here => cards.show(here.ids)),
    list('order=queue', SHORT, here => waiting.show(here.ids)),
    list('state=succeeded,failed,cancelled', SHORT, here => ended.show(here.ids)),
  ];

  let counting = 0;
  async function count() {
    counting = 0;
    try {
      const stats = await get('/api/stats?step=1h&steps=24');
      tiles.day(stats.slots);
      chart.replaceChildren(throughput(stats));
      why.replaceChildren(...Object.keys(stats.reasons).length
        ? [h('h3', {}, t('failures.why')), reasons(stats.reasons)] : []);
    } catch {
      // The stream says whether the service is there.
    }
  }
  count();

  return {
    title: t('overview'),
    update(change) {
      for (const group of [cards, waiting, ended]) {
        group.update(change.jobs);
      }
      if (change.queue || change.moved) {
        tiles.update();
        mode.update();
      }
      if (change.moved) {
        counting ||= setTimeout(count, 1500);
      }
    },
    tick() {
      cards.tick();
      ended.tick();
    },
    end() {
      clearTimeout(counting);
      lists.forEach(one => one.end());
    },
  };
}

/** Shows a job by what `make` makes of it, one for each id, in order; with none, what `none` says. */
export function keyed(parent, make, none) {
  const items = new Map();
  let order = [];
  let nothing = null;
  return {
    show(ids) {
      for (const id of [...items.keys()]) {
        if (!ids.includes(id)) {
          items.delete(id);
        }
      }
      for (const id of ids) {
        if (!items.has(id)) {
          items.set(id, make(id));
        }
      }
      order = ids;
      if (!ids.length) {
        nothing ??= h('li', {class: 'none'}, none());
      }
      arrange(parent, ids.length ? ids.map(id => items.get(id).element) : [nothing]);
    },
    update(changed) {
      for (const id of changed) {
        items.get(id)?.update();
      }
    },
    tick() {
      order.forEach(id => items.get(id)?.tick?.());
    },
  };
}

class Tiles {
  constructor() {
    this.figures = new Map();
    const tile = (name, href, iconName) => {
      const figure = h('span', {class: 'value'}, '–');
      const below = h('span', {class: 'note'});
      this.figures.set(name, {figure, below});
      return h('a', {class: `tile ${name}`, href}, h('span', {class: 'label'}, icon(iconName), t(`tile.${name}`)), figure, below);
    };
    this.element = h('nav', {class: 'tiles', 'aria-label': t('tiles')},
      tile('running', '#/jobs?state=running', 'play'),
      tile('queued', '#/jobs?state=queued', 'clock'),
      tile('succeeded', '#/jobs?state=succeeded', 'check'),
      tile('failed', '#/jobs?state=failed', 'warning'));
    this.update();
  }

  update() {
    if (model.queue?.jobs) {
      setText(this.figures.get('running').figure, number(model.queue.jobs.running));
      setText(this.figures.get('running').below, t('of.slots', {number: model.queue.concurrent}));
      setText(this.figures.get('queued').figure, number(model.queue.jobs.queued));
      setText(this.figures.get('queued').below, t(`mode.${model.queue.mode}.short`));
    }
  }

  day(slots) {
    const done = total(slots, 'succeeded');
    const busy = total(slots, 'seconds');
    const ended = done + total(slots, 'failed') + total(slots, 'cancelled');
    setText(this.figures.get('succeeded').figure, number(done));
    setText(this.figures.get('succeeded').below, ended ? t('mean.time', {time: duration(busy / ended)}) : t('in.day'));
    setText(this.figures.get('failed').figure, number(total(slots, 'failed')));
    setText(this.figures.get('failed').below, t('in.day'));
  }
}

/** Lets the queue run, pauses it, or makes its programs stand still. */
function modes() {
  const buttons = MODES.map(mode => h('button', {
    type: 'button', class: 'segment', title: t(`mode.${mode}.hint`),
    onclick: () => attempt(() => post('/api/queue', {mode}), t(`mode.${mode}.told`)),
  }, icon(MODE_ICONS[mode]), h('span', {}, t(`mode.${mode}`))));
  const element = h('div', {class: 'segments', role: 'group', 'aria-label': t('queue')}, buttons);
  function update() {
    element.hidden = model.session.read_only;
    MODES.forEach((mode, place) => setAttribute(buttons[place], 'aria-pressed', String(model.queue?.mode === mode)));
  }
  update();
  return {element, update};
}

class Card {
  constructor(id) {
    const job = () => model.jobs.get(id);
    this.job = job;
    this.since = h('span', {class: 'since'});
    this.figures = h('span', {class: 'figures'});
    this.state = badge(stateOf(job()));
    this.whole = bar(titleOf(job()));
    this.stages = pipeline(job);
    this.priority = priority(job);
    this.acts = acts(job);
    this.element = h('li', {class: 'card'},
      h('div', {class: 'line'}, this.state.element,
        h('a', {class: 'title', href: linkTo(id)}, titleOf(job())), h('code', {class: 'id'}, job().title ? id : ''),
        h('span', {class: 'push'}), this.figures, this.since, this.priority.element, this.acts.element),
      this.whole.element, this.stages.element);
    this.update();
  }

  update() {
    const job = this.job();
    const all = overall(job);
    this.state.set(stateOf(job));
    this.whole.set(all.done, 'running');
    setText(this.figures, [speed(all.speed), all.left === null ? '' : t('left', {time: going(all.left)})].filter(Boolean).join(' · '));
    this.stages.update();
    this.acts.update();
    this.priority.update();
    this.tick();
  }

  tick() {
    const since = this.job()?.started_at;
    setText(this.since, since ? going((Date.now() - Date.parse(since)) / 1000) : '');
  }
}

class Waiting {
  constructor(id) {
    const job = () => model.jobs.get(id);
    this.job = job;
    this.priority = priority(job);
    this.acts = acts(job);
    this.why = h('span', {class: 'why'});
    this.element = h('li', {class: 'line'}, this.priority.element,
      h('span', {class: 'text'}, h('a', {class: 'title', href: linkTo(id)}, titleOf(job())), this.why), this.acts.element);
    this.update();
  }

  update() {
    this.priority.update();
    this.acts.update();
    setText(this.why, this.job().waiting ?? '');
  }
}

class Ended {
  constructor(id) {
    const job = () => model.jobs.get(id);
    this.job = job;
    this.state = badge(stateOf(job()));
    this.when = h('span', {class: 'when'});
    this.why = h('span', {class: 'why'});
    this.acts = acts(job);
    this.element = h('li', {class: 'line'}, this.state.element,
      h('span', {class: 'text'}, h('a', {class: 'title', href: linkTo(id)}, titleOf(job())), this.why), this.when, this.acts.element);
    this.update();
  }

  update() {
    const job = this.job();
    this.state.set(stateOf(job));
    setText(this.why, job.error ?? '');
    this.acts.update();
    this.tick();
  }

  tick() {
    setText(this.when, this.job()?.ended_at ? ago(this.job().ended_at) : '');
  }
}
