// A new job: drop, paste or write a spec, see its plan, send it.

import {Problem, spec} from './api.js';
import {add, announce, button, h, icon, setAttribute, setText, toast} from './dom.js';
import {model} from './model.js';
import {linkTo} from './parts.js';
import {plan} from './plan.js';
import {number, t} from './text.js';

/** Kept while other pages are looked at. */
const draft = {text: '', name: 'job.yaml', folder: null, key: null};
const LARGEST = 1 << 20;

const EXAMPLE = `version: 1
job:
  title: My first film
assets:
  intro: media/intro.mp4
audio:
  tracks:
    narration:
      - {tts: {text: "Welcome.", voice: en-us}, start: 500ms}
video:
  clips:
    - {asset: intro, audio: mute}
  size: 1280x720
  fps: 30
outputs:
  - {path: out/film.mp4, preset: web-720p}
`;

export function submit(root) {
  const writable = !model.session.read_only;
  const editor = h('textarea', {id: 'spec', spellcheck: 'false', autocapitalize: 'off', wrap: 'off', 'aria-label': t('spec'),
    'aria-describedby': 'spec-hint', placeholder: EXAMPLE});
  editor.value = draft.text;
  const gutter = h('div', {class: 'gutter', 'aria-hidden': 'true'});
  const name = h('input', {id: 'name', value: draft.name, autocomplete: 'off', spellcheck: 'false'});
  const folder = h('input', {id: 'folder', list: 'folders', value: draft.folder ?? model.session.folder, autocomplete: 'off', spellcheck: 'false'});
  const chooser = h('input', {type: 'file', id: 'file', class: 'unseen', tabindex: '-1', accept: '.yaml,.yml,.json', 'aria-label': t('choose.file')});
  const result = h('div', {class: 'result', role: 'region', 'aria-label': t('plan')});
  const check = button(t('plan.make'), {icon: 'check', kind: writable ? '' : 'primary', onclick: look});
  const send = button(t('submit'), {icon: 'upload', kind: 'primary', onclick: give});
  send.hidden = !writable;
  const drop = h('div', {class: 'editor'}, gutter, editor, h('div', {class: 'drop-hint', 'aria-hidden': 'true'}, icon('upload'), h('span', {}, t('drop'))));

  add(root,
    h('header', {class: 'head'}, h('h1', {tabindex: '-1'}, t('new.job'))),
    writable ? null : h('p', {class: 'banner'}, icon('warning'), h('span', {}, t('read.only'))),
    h('div', {class: 'split'},
      h('section', {class: 'panel', 'aria-label': t('spec')},
        h('div', {class: 'line'}, h('h2', {}, t('spec')), h('span', {class: 'push'}), chooser,
          button(t('choose.file'), {icon: 'file', onclick: () => chooser.click()}),
          button(t('example'), {onclick: () => fill(EXAMPLE, 'job.yaml')})),
        h('p', {id: 'spec-hint', class: 'hint'}, t('spec.hint')),
        drop,
        h('div', {class: 'fields'},
          h('label', {for: 'name'}, t('field.name'), name),
          h('label', {for: 'folder', class: 'grow'}, t('field.folder'), folder,
            h('datalist', {id: 'folders'}, [model.session.folder, ...model.session.folders].filter((one, place, all) => all.indexOf(one) === place)
              .map(one => h('option', {value: one}))))),
        h('p', {class: 'hint'}, t('field.folder.hint')),
        h('div', {class: 'actions'}, check, send)),
      h('section', {class: 'panel', 'aria-label': t('plan')}, h('h2', {}, t('plan')), result)));

  let lines = 0;
  function count() {
    const now = editor.value.split('\n').length;
    if (now !== lines) {
      lines = now;
      setText(gutter, Array.from({length: now}, (_, place) => place + 1).join('\n'));
    }
  }

  function idle() {
    result.replaceChildren(h('p', {class: 'hint'}, t('plan.hint')));
  }

  function fill(text, called) {
    editor.value = text;
    name.value = called;
    changed();
    count();
    editor.scrollTop = 0;
  }

  function changed() {
    Object.assign(draft, {text: editor.value, name: name.value.trim(), folder: folder.value.trim(), key: null});
    setAttribute(editor, 'aria-invalid', null);
  }

  async function take(file) {
    if (!file) {
      return;
    }
    if (file.size > LARGEST) {
      toast(t('too.large', {name: file.name}), 'bad', t('close'));
      return;
    }
    fill(await file.text(), file.name);
    announce(t('taken', {name: file.name}));
    await look();
  }

  async function busy(act) {
    for (const one of [check, send]) {
      one.disabled = true;
    }
    setAttribute(result, 'aria-busy', 'true');
    try {
      return await act();
    } catch (problem) {
      refused(problem);
      return null;
    } finally {
      setAttribute(result, 'aria-busy', null);
      for (const one of [check, send]) {
        one.disabled = false;
      }
    }
  }

  async function look() {
    changed();
    result.replaceChildren(h('p', {class: 'hint waiting'}, t('planning')));
    const made = await busy(() => spec('/api/plan', draft.text, draft));
    if (made) {
      result.replaceChildren(plan(made));
      announce(t('planned', {run: number(made.to_run), reuse: number(made.to_reuse)}));
    }
  }

  async function give() {
    changed();
    // The same key for the same text: a lost answer and a second press make no second job.
    draft.key ??= Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, '0')).join('');
    const job = await busy(() => spec('/api/jobs', draft.text, draft));
    if (job) {
      Object.assign(draft, {text: '', key: null});
      toast(t('submitted', {job: job.title ?? job.id}));
      location.hash = linkTo(job.id);
    }
  }

  function refused(problem) {
    if (!(problem instanceof Problem)) {
      throw problem;
    }
    if (!problem.violations.length) {
      result.replaceChildren(h('div', {class: 'problem', role: 'alert'}, icon('warning'),
        h('p', {}, problem.status === 0 ? t('lost.detail') : problem.message)));
      return;
    }
    setAttribute(editor, 'aria-invalid', 'true');
    result.replaceChildren(h('div', {class: 'problem', role: 'alert'}, icon('warning'),
      h('p', {}, t('violations', {number: number(problem.violations.length)}))),
    h('ol', {class: 'violations'}, problem.violations.map(violation => h('li', {},
      h('button', {type: 'button', class: 'place', 'aria-label': t('violation.place', violation), onclick: () => go(violation)},
        violation.line ? `${violation.line}:${violation.column}` : violation.file),
      h('span', {}, violation.path ? h('code', {}, violation.path) : null, ' ', violation.message)))));
  }

  /** Puts the caret where something is wrong, and selects the rest of that line. */
  function go({line, column}) {
    const before = editor.value.split('\n').slice(0, Math.max(0, line - 1)).reduce((sum, one) => sum + one.length + 1, 0);
    const end = editor.value.indexOf('\n', before);
    editor.focus();
    editor.setSelectionRange(before + Math.max(0, column - 1), end < 0 ? editor.value.length : end);
    editor.scrollTop = Math.max(0, (line - 4) * parseFloat(getComputedStyle(editor).lineHeight));
  }

  editor.addEventListener('input', () => { changed(); count(); });
  editor.addEventListener('scroll', () => { gutter.scrollTop = editor.scrollTop; });
  editor.addEventListener('keydown', event => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      look();
    }
  });
  name.addEventListener('change', changed);
  folder.addEventListener('change', changed);
  chooser.addEventListener('change', () => take(chooser.files[0]));
  const dropped = event => {
    event.preventDefault();
    drop.classList.remove('over');
    if (event.type === 'drop') {
      take(event.dataTransfer.files[0]);
    } else if (event.type === 'dragover') {
      drop.classList.add('over');
    }
  };
  // Anywhere on the page: a file that is dropped beside the field would otherwise replace the page.
  const kinds = ['dragover', 'dragleave', 'drop'];
  kinds.forEach(kind => document.addEventListener(kind, dropped));
  count();
  idle();

  return {
    title: t('new.job'),
    update() {},
    end() {
      kinds.forEach(kind => document.removeEventListener(kind, dropped));
      changed();
    },
  };
}
