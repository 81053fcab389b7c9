// Builds what is on the page. Text is only ever text: nothing here reads markup.

const SVG = 'http://www.w3.org/2000/svg';

/** An element: h('a', {class: 'x', href: '#/', onclick: f}, 'text', child). Attributes that are null or false are left out. */
export function h(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) {
      continue;
    }
    if (name.startsWith('on')) {
      element.addEventListener(name.slice(2), value);
    } else {
      element.setAttribute(name, value === true ? '' : value);
    }
  }
  element.append(...children.flat(9).filter(child => child !== null && child !== undefined && child !== false));
  return element;
}

/** Appends what there is; what is null or false is left out. */
export const add = (parent, ...children) => fill(parent, {}, children);

/** Changes a text only where it is another one: the page is not drawn anew for nothing. */
export function setText(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

export function setAttribute(element, name, value) {
  if (value === null || value === false) {
    element.removeAttribute(name);
  } else if (element.getAttribute(name) !== String(value)) {
    element.setAttribute(name, value);
  }
}

/** Makes the children of a parent be these, in this order, moving only what is elsewhere; the focus stays where it is. */
export function arrange(parent, wanted) {
  const focused = parent.contains(document.activeElement) ? document.activeElement : null;
  let place = parent.firstChild;
  for (const child of wanted) {
    if (child === place) {
      place = place.nextSibling;
    } else {
      parent.insertBefore(child, place);
    }
  }
  while (place) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
  if (focused && focused !== document.activeElement && parent.contains(focused)) {
    focused.focus({preventScroll: true});
  }
}

const PATHS = {
  overview: 'M3 3h8v8H3zM13 3h8v5h-8zM13 10h8v11h-8zM3 13h8v8H3z',
  jobs: 'M8 6h13M8 12h13M8 18h13M3.5 6h.01M3.5 12h.01M3.5 18h.01',
  plus: 'M12 5v14M5 12h14',
  system: 'M4 4h16v6H4zM4 14h16v6H4zM8 7h.01M8 17h.01',
  check: 'M20 6 9 17l-5-5',
  cross: 'M18 6 6 18M6 6l12 12',
  play: 'M7 4.5v15l12-7.5z',
  clock: 'M12 7v5l3 2M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z',
  stop: 'M6 6h12v12H6z',
  ban: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM5.6 5.6l12.8 12.8',
  retry: 'M4 12a8 8 0 1 0 2.5-5.8L4 8.5M4 4v4.5h4.5',
  recycle: 'M17 2l4 4-4 4M3 11V9a3 3 0 0 1 3-3h15M7 22l-4-4 4-4M21 13v2a3 3 0 0 1-3 3H3',
  up: 'M6 15l6-6 6 6',
  down: 'M6 9l6 6 6-6',
  pause: 'M8 5v14M16 5v14',
  freeze: 'M12 2v20M4 7l16 10M20 7 4 17',
  search: 'M11 19a8 8 0 1 0 0-16 8 8 0 0 0 0 16zM21 21l-4.3-4.3',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  download: 'M12 4v11M7 11l5 5 5-5M4 20h16',
  file: 'M14 3H6v18h12V7zM14 3v4h4',
  upload: 'M12 16V5M7 9l5-5 5 5M4 20h16',
  sun: 'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 2v2M12 20v2M4.9 4.9l1.4 1.4M17.7 17.7l1.4 1.4M2 12h2M20 12h2M4.9 19.1l1.4-1.4M17.7 6.3l1.4-1.4',
  moon: 'M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z',
  auto: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 3v18M12 7l4-2.5M12 12h9M12 17l5.5 2',
  leave: 'M15 4h4v16h-4M10 8l-4 4 4 4M6 12h9',
  warning: 'M12 4 2.5 20h19zM12 10v4M12 17h.01',
  empty: 'M3 12h5l2 3h4l2-3h5M5 5h14l2 7v7H3v-7z',
  minus: 'M5 12h14',
};

export function icon(name) {
  return svg('svg', {class: 'icon', viewBox: '0 0 24 24', 'aria-hidden': 'true', focusable: 'false'},
    svg('path', {d: PATHS[name]}));
}

/** A button with a picture; its label is read out, and shown unless it is bare. */
export function button(label, {icon: name, kind = '', bare = false, ...attributes} = {}) {
  return h('button', {type: 'button', class: `button ${kind}${bare ? ' bare' : ''}`,
    'aria-label': bare ? label : null, title: bare ? label : null, ...attributes},
  name && icon(name), bare ? null : h('span', {}, label));
}

/** Tells something that happened; errors stay until they are closed. */
export function toast(text, kind = 'ok', close = '') {
  const line = h('div', {class: `toast ${kind}`}, icon(kind === 'bad' ? 'warning' : 'check'), h('span', {}, text));
  const timer = kind === 'bad' ? 0 : setTimeout(() => line.remove(), 5000);
  line.append(button(close, {icon: 'cross', bare: true, onclick: () => { clearTimeout(timer); line.remove(); }}));
  const toasts = document.getElementById('toasts');
  while (toasts.children.length > 3) {
    toasts.firstChild.remove();
  }
  toasts.append(line);
}

/** Tells it only to who listens instead of looking; what comes at once is told together. */
let unsaid = [];
export function announce(text) {
  unsaid.push(text);
  if (unsaid.length === 1) {
    setTimeout(() => {
      document.getElementById('announcer').textContent = unsaid.slice(-3).join('. ');
      unsaid = [];
    }, 800);
  }
}

/** Asks before something is done that can't be undone. */
export function confirmed(question, yes, no) {
  return new Promise(resolve => {
    const dialog = h('dialog', {class: 'dialog', 'aria-labelledby': 'question'},
      h('form', {method: 'dialog'},
        h('p', {id: 'question'}, question),
        h('div', {class: 'actions'},
          h('button', {class: 'button', value: 'no'}, no),
          h('button', {class: 'button danger', value: 'yes', autofocus: true}, yes))));
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes');
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** A block of text to be copied. */
export function code(text, copy, copied) {
  return h('div', {class: 'code'},
    h('pre', {tabindex: '0'}, text),
    button(copy, {icon: 'copy', bare: true, onclick: async () => {
      await navigator.clipboard.writeText(text);
      toast(copied);
    }}));
}
