// The machine: nodes, step store, presets, and how the last hours and days went.

import {get} from './api.js';
import {reasons, throughput} from './chart.js';
import {h, setAttribute} from './dom.js';
import {badge, panel} from './parts.js';
import {ago, bytes, number, percent, t} from './text.js';

const SPANS = {hour: ['1m', 60], day: ['1h', 24], week: ['24h', 7]};
const EVERY_MILLIS = 15000;

export function system(root) {
  const nodes = h('ul', {class: 'nodes'});
  const store = h('div', {class: 'meter-frame'});
  const health = h('div', {class: 'health'});
  const chart = h('div', {class: 'chart-frame'});
  const why = h('div', {});
  const presets = h('div', {});
  let span = 'day';
  const spans = h('div', {class: 'segments', role: 'group', 'aria-label': t('span')}, Object.keys(SPANS).map(name =>
    h('button', {type: 'button', class: 'segment', 'aria-pressed': String(name === span), onclick: event => {
      span = name;
      [...spans.children].forEach(one => setAttribute(one, 'aria-pressed', String(one === event.currentTarget)));
      count();
    }}, t(`span.${name}`))));
  root.append(
    h('header', {class: 'head'}, h('h1', {tabindex: '-1'}, t('system'))),
    h('section', {class: 'panel', 'aria-label': t('throughput')}, h('div', {class: 'line'}, h('h2', {}, t('throughput')), h('span', {class: 'push'}), spans),
      h('div', {class: 'chart-row'}, chart, why)),
    h('div', {class: 'columns'}, panel(t('nodes'), nodes), h('div', {class: 'stack'}, panel(t('store'), store), panel(t('health'), health))),
    h('details', {class: 'panel folded', ontoggle: event => event.target.open && listPresets()}, h('summary', {}, h('h2', {}, t('presets'))), presets));

  async function count() {
    const [step, steps] = SPANS[span];
    try {
      const stats = await get(`/api/stats?step=${step}&steps=${steps}`);
      chart.replaceChildren(throughput(stats));
      why.replaceChildren(h('h3', {}, t('failures.why')),
        Object.keys(stats.reasons).length ? reasons(stats.reasons) : h('p', {class: 'hint'}, t('failures.none')));
    } catch {
      // The stream says whether the service is there.
    }
  }

  async function look() {
    try {
      const [all, used, well] = await Promise.all([get('/api/nodes'), get('/api/steps'),
        get('/api/health/ready').catch(problem => problem.body)]);
      nodes.replaceChildren(...all.nodes.map(node));
      store.replaceChildren(...meter(used));
      health.replaceChildren(...healthOf(well));
    } catch {
      // The stream says whether the service is there.
    }
  }

  async function listPresets() {
    if (presets.childElementCount) {
      return;
    }
    const all = (await get('/api/presets')).presets;
    presets.append(h('ul', {class: 'presets'}, all.map(preset => h('li', {}, h('code', {}, preset.name), h('span', {}, preset.description),
      h('span', {class: 'hint'}, preset.extensions.map(ending => `.${ending}`).join(' '))))));
  }

  count();
  look();
  const timer = setInterval(() => { look(); count(); }, EVERY_MILLIS);
  return {title: t('system'), update() {}, end: () => clearInterval(timer)};
}

function node(one) {
  const rejected = one.routes.rejected;
  const fact = (term, ...value) => h('div', {}, h('dt', {}, term), h('dd', {}, value));
  return h('li', {class: 'machine'},
    h('h3', {}, one.id, ' ', badge(one.status === 'ready' && one.running > 0 ? 'running' : one.status).element),
    h('div', {class: 'slots', role: 'img', 'aria-label': t('slots.used', {used: number(one.running), all: number(one.slots.jobs)})},
      Array.from({length: Math.min(64, one.slots.jobs)}, (_, place) => h('span', {class: place < one.running ? 'slot busy' : 'slot'}))),
    h('dl', {class: 'facts'},
      fact(t('slots'), t('slots.used', {used: number(one.running), all: number(one.slots.jobs)})),
      fact(t('encoders'), number(one.slots.encoders)),
      fact(t('fact.labels'), one.labels.join(', ') || '–'),
      fact(t('since'), ago(one.since)),
      one.status === 'away' ? fact(t('seen'), ago(one.seen_at)) : null,
      Object.entries(one.versions).map(([name, version]) => fact(name, h('code', {}, version.split(' ')[0]))),
      fact(t('routes'), t('routes.of', {files: number(one.routes.files.length), generation: number(one.routes.generation)}))),
    rejected.length ? h('div', {class: 'problem'}, h('div', {}, h('p', {}, t('routes.rejected')), h('ul', {}, rejected.map(line => h('li', {}, line))))) : null);
}

function meter(used) {
  const share = used.limit > 0 ? used.bytes / used.limit : 0;
  const fill = h('span', {class: 'fill'});
  fill.style.transform = `scaleX(${Math.min(1, share)})`;
  return [
    h('p', {class: 'big'}, bytes(used.bytes), h('span', {class: 'hint'}, ` ${t('store.of', {limit: bytes(used.limit), share: percent(share)})}`)),
    h('span', {class: 'bar tall', role: 'meter', 'aria-label': t('store'), 'aria-valuemin': '0', 'aria-valuemax': '100',
      'aria-valuenow': String(Math.round(share * 100)), 'data-state': share > 0.95 ? 'retrying' : 'running'}, fill),
    h('p', {class: 'hint'}, t('store.hint')),
  ];
}

function healthOf({status, causes = [], warnings = []}) {
  return [h('div', {class: 'line'}, badge(status === 'up' ? 'ready' : 'failed').element, status === 'up' ? h('p', {}, t('health.up')) : null),
    causes.length ? h('ul', {class: 'notes causes'}, causes.map(cause => h('li', {}, cause))) : null,
    warnings.length ? h('ul', {class: 'notes'}, warnings.map(warning => h('li', {}, warning))) : null].filter(Boolean);
}
