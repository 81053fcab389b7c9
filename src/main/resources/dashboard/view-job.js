// One job: how it stands, its stages, what failed and why, what it has made, what happened.

import {get, job as jobPath, text} from './api.js';
import {announce, button, code, h, icon, setAttribute, setText} from './dom.js';
import {graph} from './graph.js';
import {ask, ENDED, model, overall} from './model.js';
import {acts, badge, empty, panel, priority, stateOf, tags, titleOf} from './parts.js';
import {ago, bytes, clock, dateTime, duration, going, named, number, speed, t} from './text.js';

const LOG_SHOWN = 500;

export function job(root, query, id) {
  const now = () => model.jobs.get(id);
  const heading = h('h1', {tabindex: '-1'}, id);
  const frame = h('div', {class: 'stack'}, h('header', {class: 'head'}, heading));
  root.append(h('nav', {class: 'crumbs', 'aria-label': t('breadcrumb')}, h('a', {href: '#/jobs'}, t('jobs'))), frame);
  let parts = null;
  let ended = false;

  async function open() {
    try {
      await ask(id);
    } catch (problem) {
      frame.replaceChildren(h('header', {class: 'head'}, heading), empty(problem.message));
      return;
    }
    if (!ended) {
      parts = show();
      parts.update();
      parts.load();
    }
  }

  function show() {
    const state = badge(stateOf(now()));
    const rank = priority(now);
    const act = acts(now, false);
    const facts = h('dl', {class: 'facts'});
    const failure = h('div', {});
    const stages = graph(now);
    const page = h('p', {class: 'line'});
    const made = h('div', {});
    const steps = h('div', {});
    const log = new Log(id);
    const source = h('div', {});
    setText(heading, titleOf(now()));
    const focused = document.activeElement === heading;
    frame.replaceChildren(
      h('header', {class: 'head'}, h('div', {class: 'headline'}, state.element, heading), rank.element, act.element),
      facts, failure,
      panel(t('stages'), stages.element),
      made, page, steps,
      panel(t('events'), log.element),
      h('details', {class: 'panel folded', ontoggle: event => event.target.open && specOf(source)}, h('summary', {}, h('h2', {}, t('spec'))), source));
    if (focused) {
      heading.focus({preventScroll: true});
    }
    let status = '';
    const timing = h('dd', {});
    return {
      update() {
        const job = now();
        state.set(stateOf(job));
        rank.update();
        act.update();
        stages.update();
        if (status !== job.status + job.run + job.cancelling + job.node + job.waiting) {
          status = job.status + job.run + job.cancelling + job.node + job.waiting;
          facts.replaceChildren(...factsOf(job, timing));
        }
        this.tick();
      },
      tick() {
        const job = now();
        const all = overall(job);
        const since = job.started_at ? ((job.ended_at ? Date.parse(job.ended_at) : Date.now()) - Date.parse(job.started_at)) / 1000 : null;
        setText(timing, since === null ? '–' : job.ended_at ? duration(since)
          : [going(since), speed(all.speed), all.left === null ? '' : t('left', {time: going(all.left)})].filter(Boolean).join(' · '));
      },
      async load() {
        await log.load();
        await this.report();
      },
      async report() {
        const job = now();
        failure.replaceChildren();
        page.replaceChildren();
        made.replaceChildren();
        steps.replaceChildren();
        if (!ENDED.includes(job.status)) {
          return;
        }
        let report = null;
        try {
          report = await get(jobPath(id, '/report'));
        } catch {
          // A job that was cancelled while it waited has none.
        }
        if (job.status === 'failed' || report?.failure) {
          failure.replaceChildren(failureOf(job, report));
        }
        if (report) {
          page.replaceChildren(h('a', {class: 'button', href: jobPath(id, '/report.html'), target: '_blank', rel: 'noopener'},
            icon('file'), h('span', {}, t('report.page'))));
        }
        if (report?.outputs.length) {
          made.replaceChildren(panel(t('outputs'), h('ul', {class: 'outputs'}, report.outputs.map((output, place) => outputOf(id, output, place + 1)))));
        }
        if (report?.steps.length) {
          steps.replaceChildren(stepsOf(report));
        }
      },
      log,
      end: () => stages.end(),
    };
  }

  async function specOf(place) {
    if (!place.childElementCount) {
      place.append(code(await text(jobPath(id, '/spec')), t('copy'), t('copied')));
    }
  }

  open();
  return {
    title: id,
    update(change) {
      if (!parts) {
        return;
      }
      if (change.jobs.has(id) || change.queue) {
        parts.update();
      }
      const mine = change.events.filter(event => event.job_id === id);
      if (mine.length) {
        parts.log.add(mine);
        const end = mine.find(event => ENDED.includes(event.type) || event.type === 'retried');
        if (end) {
          announce(t('job.is', {job: titleOf(now()), state: named('state', now().status)}));
          ask(id).then(() => parts.report()).catch(() => {});
        }
      }
    },
    tick: () => parts?.tick(),
    end() {
      ended = true;
      parts?.end();
    },
  };
}

function factsOf(job, timing) {
  const fact = (term, ...value) => h('div', {}, h('dt', {}, term), value[0] instanceof Element && value[0].tagName === 'DD' ? value[0] : h('dd', {}, value));
  return [
    fact(t('fact.id'), h('code', {}, job.id)),
    fact(t('fact.accepted'), h('time', {datetime: job.created_at, title: dateTime(job.created_at)}, ago(job.created_at)), ` · ${named('origin', job.origin)}`),
    fact(t('fact.time'), timing),
    job.runs > 1 ? fact(t('fact.runs'), number(job.runs)) : null,
    job.node ? fact(t('fact.node'), job.node) : null,
    fact(t('fact.spec'), h('code', {class: 'path'}, `${job.folder}/${job.spec_name}`)),
    job.labels.length ? fact(t('fact.labels'), job.labels.join(', ')) : null,
    Object.keys(job.tags).length ? fact(t('fact.tags'), ...tags(job)) : null,
    job.waiting ? fact(t('fact.waits'), job.waiting) : null,
  ].filter(Boolean);
}

function failureOf(job, report) {
  const failure = report?.failure;
  return h('section', {class: 'panel failure', 'aria-label': t('failure')},
    h('h2', {}, icon('warning'), t('failure'), job.reason ? h('span', {class: 'reason'}, t(`reason.${job.reason}`)) : null),
    h('p', {class: 'sentence'}, failure?.sentence ?? job.error ?? ''),
    failure?.command ? [h('h3', {}, t('failure.command')), code(failure.command, t('copy'), t('copied'))] : null,
    failure?.last_lines?.length ? [h('h3', {}, t('failure.lines')), code(failure.last_lines.join('\n'), t('copy'), t('copied'))] : null);
}

/** What was made, to be seen and heard where it is. Pictures are asked for only when they come into view. */
function outputOf(id, output, place) {
  const address = jobPath(id, `/outputs/${place}`);
  const name = output.file.split('/').pop();
  const moving = output.measured?.video_frames !== null && output.measured?.video_frames !== undefined;
  const still = /\.gif$/i.test(name);
  const gone = h('p', {class: 'hint', role: 'note'});
  gone.hidden = true;
  const failed = async event => {
    event.target.closest('.shown').hidden = true;
    if (event.target.dataset.whole) {
      gone.hidden = false;
      setText(gone, await reason(address));
    }
  };
  const player = still ? h('img', {src: address, alt: t('output.of', {name}), loading: 'lazy', 'data-whole': 'yes', onerror: failed})
    : h(moving ? 'video' : 'audio', {controls: true, preload: moving ? 'none' : 'metadata', poster: moving ? `${address}/poster` : null,
      src: address, 'aria-label': t('output.of', {name}), 'data-whole': 'yes', onerror: failed});
  const pictures = kind => h('figure', {class: `shown ${kind}`}, h('figcaption', {}, t(`output.${kind}`)),
    h('img', {src: `${address}/${kind}`, alt: t(`output.${kind}.of`, {name}), loading: 'lazy', onerror: failed}));
  return h('li', {class: 'output'},
    h('div', {class: 'screen'}, moving ? null : pictures('waveform'),
      h('div', {class: `shown player ${moving ? 'moving' : 'sound'}`}, player), gone),
    h('div', {class: 'about'},
      h('h3', {}, name), output.already ? h('p', {class: 'hint'}, t('output.already')) : null,
      h('dl', {class: 'facts'},
        [[t('output.preset'), output.preset], [t('output.length'), duration(Number(output.measured?.duration))], [t('output.size'), bytes(output.bytes)],
          ...loudness(output)].map(([term, value]) => h('div', {}, h('dt', {}, term), h('dd', {}, value)))),
      h('p', {class: 'path-line'}, h('code', {class: 'path'}, output.file)),
      h('div', {class: 'line'}, h('a', {class: 'button', href: `${address}?download=true`, download: name}, icon('download'), h('span', {}, t('download'))),
        button(t('copy.path'), {icon: 'copy', onclick: () => navigator.clipboard.writeText(output.file)})),
      moving ? [pictures('contact-sheet'), pictures('waveform')] : null));
}

async function reason(address) {
  try {
    await get(address);
  } catch (problem) {
    return problem.message;
  }
  return t('output.unplayable');
}

function loudness(output) {
  const loud = output.measured?.loudness;
  // The true peak is measured only where the spec asks for a loudness.
  const peak = loud?.true_peak === null || loud?.true_peak === undefined ? '' : ` · ${loud.true_peak.toFixed(1)} dBTP`;
  return loud ? [[t('output.loudness'), `${loud.integrated.toFixed(1)} LUFS${peak}`]] : [];
}

function stepsOf(report) {
  const reused = report.steps.filter(step => step.reused).length;
  return h('details', {class: 'panel folded'}, h('summary', {}, h('h2', {}, t('steps')),
    h('span', {class: 'hint'}, t('steps.count', {all: number(report.steps.length), reused: number(reused)}))),
  h('ul', {class: 'plan-steps'}, report.steps.map(step => h('li', {class: 'plan-step'},
    h('div', {class: 'line'}, badge(step.reused ? 'reused' : 'succeeded').element, h('strong', {}, step.step),
      h('span', {class: 'why'}, [step.reused ? '' : duration(Number(step.took)), step.bytes ? bytes(step.bytes) : ''].filter(Boolean).join(' · '))),
    step.commands.length ? h('details', {}, h('summary', {}, t('command')), step.commands.map(command => code(command, t('copy'), t('copied')))) : null))));
}

/** What happened, oldest first; new lines come to the end, and are followed by who is at the end. */
class Log {
  constructor(id) {
    this.id = id;
    this.last = 0;
    this.lines = h('ol', {class: 'log', tabindex: '0', 'aria-label': t('events')});
    this.element = this.lines;
  }

  async load() {
    try {
      let page;
      do {
        page = await get(jobPath(this.id, `/log?after=${this.last}`));
        this.add(page.events);
      } while (page.more);
    } catch {
      // The stream says whether the service is there.
    }
  }

  add(events) {
    const atEnd = this.lines.scrollHeight - this.lines.scrollTop - this.lines.clientHeight < 30;
    for (const event of events) {
      if (event.number > this.last) {
        this.last = event.number;
        const words = wordsOf(event);
        if (words) {
          this.lines.append(h('li', {class: `entry ${event.type}`}, h('time', {datetime: event.at, title: dateTime(event.at)}, clock(event.at)),
            h('span', {}, words)));
        }
      }
    }
    while (this.lines.children.length > LOG_SHOWN) {
      this.lines.firstChild.remove();
    }
    if (atEnd) {
      this.lines.scrollTop = this.lines.scrollHeight;
    }
  }
}

function wordsOf({type, data}) {
  switch (type) {
    case 'accepted': return t('event.accepted', {origin: named('origin', data.origin)});
    case 'started': return t('event.started', {node: data.owner});
    case 'note': return data.text;
    case 'waiting': return data.reason;
    case 'priority': return t('event.priority', {priority: data.priority});
    case 'offered':
    case 'helped': return t(`event.${type}`, data);
    case 'failed': return t('event.failed', {error: data.error ?? ''});
    case 'stage': {
      if (data.status === 'pending') {
        return null;
      }
      const took = data.started_at && data.ended_at ? (Date.parse(data.ended_at) - Date.parse(data.started_at)) / 1000 : null;
      return [named('stage', data.stage), named('state', data.status), took === null ? '' : `(${duration(took)})`,
        data.status === 'running' ? '' : data.error ?? ''].filter(Boolean).join(' ');
    }
    default: return t(`event.${type}`);
  }
}
