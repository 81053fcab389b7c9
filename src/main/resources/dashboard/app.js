// The frame of the page: who is signed in, which view is shown, language and theme.

import {get, leave, post, whenSignedOut} from './api.js';
import {announce, button, h, icon, setAttribute, setText, svg} from './dom.js';
import {ENDED, model, start, watch} from './model.js';
import {titleOf} from './parts.js';
import {choose, current, LANGUAGES, load, named, preferred, t} from './text.js';
import {job} from './view-job.js';
import {jobs} from './view-jobs.js';
import {overview} from './view-overview.js';
import {submit} from './view-submit.js';
import {system} from './view-system.js';

const PAGES = [['overview', '#/', 'overview'], ['jobs', '#/jobs', 'jobs'], ['new.job', '#/submit', 'plus'], ['system', '#/system', 'system']];
const THEMES = ['auto', 'light', 'dark'];
const THEME_ICONS = {auto: 'auto', light: 'sun', dark: 'moon'};

const app = document.getElementById('app');
let view = null;
let frame = null;
let stop = null;

/** A route: the view, its place in the menu, and what stands behind it in the address. */
function route() {
  const [path, query] = (location.hash.slice(1) || '/').split('?');
  const parts = path.split('/').filter(Boolean).map(decodeURIComponent);
  const asked = new URLSearchParams(query ?? '');
  if (parts[0] === 'jobs' && parts.length > 1) {
    return {show: job, page: 'jobs', query: asked, argument: parts.slice(1).join('/')};
  }
  const found = {jobs: [jobs, 'jobs'], submit: [submit, 'new.job'], system: [system, 'system']}[parts[0]] ?? [overview, 'overview'];
  return {show: found[0], page: found[1], query: asked};
}

let shown = null;
function show() {
  if (!frame) {
    return;
  }
  const next = route();
  const typing = document.activeElement?.id === 'search' ? document.activeElement.selectionStart : null;
  view?.end();
  frame.main.replaceChildren();
  view = next.show(frame.main, next.query, next.argument);
  document.title = `${view.title} · Local AV Orchestrator`;
  for (const link of frame.links) {
    setAttribute(link, 'aria-current', link.dataset.page === next.page ? 'page' : null);
  }
  if (typing !== null && view.keep) {
    const field = document.getElementById(view.keep);
    field?.focus();
    field?.setSelectionRange(typing, typing);
  } else if (shown && !(next.show === jobs && shown === jobs)) {
    // Who uses the keyboard or a screen reader goes on at the new page.
    frame.main.querySelector('h1')?.focus({preventScroll: true});
    scrollTo(0, 0);
  }
  shown = next.show;
}

function build() {
  const live = h('span', {class: 'live', role: 'status'}, h('span', {class: 'dot'}), h('span', {}));
  const banner = h('div', {class: 'banner-frame'});
  const main = h('main', {id: 'main', class: 'main', tabindex: '-1'});
  const links = PAGES.map(([page, href, name]) =>
    h('a', {href, 'data-page': page}, icon(name), h('span', {}, t(page))));
  const language = button(Object.entries(LANGUAGES).find(([name]) => name !== current())[1], {kind: 'quiet', lang: current() === 'en' ? 'zh-CN' : 'en', onclick: async () => {
    await choose(current() === 'en' ? 'zh' : 'en');
    rebuild();
    document.querySelector('.language')?.focus();
  }});
  language.classList.add('language');
  const theme = button('', {icon: THEME_ICONS[chosenTheme()], bare: true, kind: 'quiet theme', onclick: () => {
    const next = THEMES[(THEMES.indexOf(chosenTheme()) + 1) % THEMES.length];
    localStorage.setItem('avo-theme', next);
    paint();
    label();
  }});
  function label() {
    const words = t('theme', {theme: t(`theme.${chosenTheme()}`)});
    setAttribute(theme, 'aria-label', words);
    setAttribute(theme, 'title', words);
    theme.replaceChildren(icon(THEME_ICONS[chosenTheme()]));
  }
  label();
  const out = button(t('sign.out'), {icon: 'leave', bare: true, kind: 'quiet', onclick: async () => {
    await leave();
    signIn();
  }});
  app.replaceChildren(
    h('a', {class: 'skip', href: '#main', onclick: event => { event.preventDefault(); main.focus(); }}, t('skip')),
    h('div', {class: 'shell'},
      h('header', {class: 'side'},
        h('a', {class: 'brand', href: '#/', 'aria-label': t('home')}, logo(), h('span', {}, h('strong', {}, 'Local AV'), h('span', {}, 'Orchestrator'))),
        h('nav', {class: 'menu', 'aria-label': t('menu')}, links),
        h('div', {class: 'foot'}, live, h('div', {class: 'tools'}, language, theme, out),
          h('p', {class: 'version'}, `${model.session.node} · ${model.session.version}`))),
      h('div', {class: 'content'}, banner, main)));
  frame = {main, links, live, banner};
  stand();
}

function logo() {
  return svg('svg', {class: 'logo', viewBox: '0 0 32 32', 'aria-hidden': 'true'},
    svg('rect', {width: 32, height: 32, rx: 8}), svg('path', {class: 'bars', d: 'M7 13v6M12 9v14M17 12v8'}),
    svg('path', {class: 'tip', d: 'M21 11.2v9.6a.8.8 0 0 0 1.2.7l6-4.8a.9.9 0 0 0 0-1.4l-6-4.8a.8.8 0 0 0-1.2.7z'}));
}

/** Says whether the service is followed and whether its queue runs. */
function stand() {
  if (!frame) {
    return;
  }
  setAttribute(frame.live, 'data-state', model.live);
  setText(frame.live.lastChild, t(model.live === 'live' ? 'live' : 'lost'));
  const mode = model.queue?.mode ?? 'running';
  const wanted = model.live === 'lost' && frame.met ? 'lost' : mode === 'running' ? '' : mode;
  frame.met ||= model.live === 'live';
  if (frame.banner.dataset.state !== wanted) {
    frame.banner.dataset.state = wanted;
    frame.banner.replaceChildren(...wanted ? [h('p', {class: `banner ${wanted}`, role: 'status'},
      icon(wanted === 'lost' ? 'warning' : 'pause'), h('span', {}, t(wanted === 'lost' ? 'lost.detail' : `mode.${wanted}.told`)),
      wanted !== 'lost' && !model.session.read_only ? button(t('resume'), {icon: 'play', onclick: () => post('/api/queue', {mode: 'running'})}) : null)] : []);
  }
}

const chosenTheme = () => localStorage.getItem('avo-theme') ?? 'auto';

function paint() {
  const theme = chosenTheme();
  if (theme === 'auto') {
    delete document.documentElement.dataset.theme;
  } else {
    document.documentElement.dataset.theme = theme;
  }
}

function rebuild() {
  build();
  show();
}

/** Asks for the token. */
function signIn(said = '') {
  stop?.();
  stop = null;
  view?.end();
  view = null;
  frame = null;
  const field = h('input', {type: 'password', id: 'token', name: 'token', autocomplete: 'current-password', required: true, 'aria-describedby': 'said'});
  const words = h('p', {id: 'said', class: 'said', role: 'alert'}, said);
  app.replaceChildren(h('main', {class: 'door'}, h('form', {class: 'panel', onsubmit: async event => {
    event.preventDefault();
    try {
      model.session = await post('/api/session', {token: field.value.trim()});
      enter();
    } catch (problem) {
      setText(words, problem.status === 0 ? t('lost.detail') : problem.status === 401 ? t('sign.wrong') : problem.message);
      field.select();
    }
  }}, logo(), h('h1', {}, t('sign.in')), h('p', {class: 'hint'}, t('sign.hint')), h('pre', {class: 'shell-line'}, 'avo dashboard'),
  h('label', {for: 'token'}, t('token')), field, words, h('button', {class: 'button primary', type: 'submit'}, h('span', {}, t('sign.in'))))));
  document.title = `${t('sign.in')} · Local AV Orchestrator`;
  field.focus();
}

function enter() {
  if (stop) {
    return;
  }
  build();
  const unwatch = watch(change => {
    if (change.queue) {
      stand();
    }
    view?.update(change);
    for (const event of change.events) {
      const known = model.jobs.get(event.job_id);
      if (ENDED.includes(event.type) && route().show !== job) {
        announce(t('job.is', {job: known ? titleOf(known) : event.job_id, state: named('state', event.type)}));
      }
    }
  });
  const unfollow = start();
  stop = () => { unwatch(); unfollow(); };
  show();
}

async function begin() {
  await load(preferred());
  whenSignedOut(() => signIn(t('sign.again')));
  addEventListener('hashchange', show);
  addEventListener('keydown', event => {
    if (event.key === 'k' && (event.ctrlKey || event.metaKey) && frame) {
      event.preventDefault();
      if (route().show === jobs) {
        document.getElementById('search').focus();
      } else {
        location.hash = '#/jobs';
        setTimeout(() => document.getElementById('search')?.focus(), 50);
      }
    }
  });
  setInterval(() => document.visibilityState === 'visible' && view?.tick?.(), 1000);
  const code = /^#code=([\w-]+)$/.exec(location.hash)?.[1];
  if (code) {
    // Out of the address before anything else: it must not stay in the history.
    history.replaceState(null, '', '/');
    try {
      model.session = await post('/api/session', {code});
      enter();
      return;
    } catch {
      // It may have been used; perhaps there is a session from then.
    }
  }
  try {
    model.session = await get('/api/session');
    enter();
  } catch (problem) {
    signIn(problem.status === 0 ? t('lost.detail') : code ? t('sign.used') : '');
  }
}

begin();
