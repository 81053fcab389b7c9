// What is known of the service. Events change it at once; whoever shows it is told once a picture, however many came.

import {get, job as jobPath} from './api.js';
import {follow} from './live.js';

export const STAGES = ['prepare', 'tts', 'audio_mix', 'video_concat', 'mux', 'finish'];
const PLANNED = ['tts', 'audio_mix', 'video_concat', 'mux'];
export const ENDED = ['succeeded', 'failed', 'cancelled'];

/** After these, lists may have other members or another order. */
const MOVING = new Set(['accepted', 'started', 'requeued', 'retried', 'priority', 'cancelling', ...ENDED]);
const REFRESH_MILLIS = 400;

export const model = {
  session: null,
  queue: null,
  live: 'lost',
  /** By id: documents as the API gives them; those that run also have `stages`, and `progress` by stage. */
  jobs: new Map(),
};

const watchers = new Set();
let changed = new Set();
let moved = false;
let ruled = false;
let drawing = false;
let events = [];

/**
 * Tells of changes, at most once a picture: {jobs: ids that changed, moved: lists may be other ones, queue: it has changed,
 * events}.
 */
export function watch(watcher) {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

function draw() {
  if (drawing) {
    return;
  }
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    const change = {jobs: changed, moved, queue: ruled, events};
    changed = new Set();
    moved = false;
    ruled = false;
    events = [];
    for (const watcher of [...watchers]) {
      watcher(change);
    }
  });
}

/** Takes documents in; what is known of stages and progress stays. */
export function learn(documents) {
  return documents.map(document => {
    const known = model.jobs.get(document.id);
    const whole = known && known.run === document.run && !document.stages && document.status === 'running'
      ? {...document, stages: known.stages, progress: known.progress} : {...document, progress: known?.progress};
    if (document.status !== 'running') {
      delete whole.progress;
    }
    model.jobs.set(document.id, whole);
    changed.add(document.id);
    draw();
    return whole;
  });
}

/** Asks for a job with its stages. */
export async function ask(id) {
  return learn([await get(jobPath(id))])[0];
}

const asked = new Set();
function askForStages(id) {
  if (!asked.has(id)) {
    asked.add(id);
    ask(id).catch(() => {}).finally(() => asked.delete(id));
  }
}

function happened(event) {
  if (event.type === 'queue') {
    model.queue = {...model.queue, mode: event.data.mode};
    ruled = true;
    draw();
    return;
  }
  const job = model.jobs.get(event.job_id);
  if (job) {
    apply(job, event);
    changed.add(job.id);
  }
  if (MOVING.has(event.type)) {
    moved = true;
    askForQueue();
  }
  if (event.type !== 'progress') {
    events.push(event);
    if (events.length > 500) {
      events.shift();
    }
  }
  draw();
}

function apply(job, {type, data, at}) {
  switch (type) {
    case 'progress': return progressed(job, data);
    case 'stage': return staged(job, data);
    case 'started':
      return Object.assign(job, {status: 'running', started_at: at, run: data.run, node: data.owner, runs: job.runs + 1,
        stages: [], progress: {}, waiting: undefined, error: undefined});
    case 'requeued': return Object.assign(job, {status: 'queued', started_at: undefined, node: undefined, progress: {}});
    case 'retried':
      return Object.assign(job, {status: 'queued', started_at: undefined, ended_at: undefined, error: undefined, progress: {}});
    case 'waiting': return Object.assign(job, {waiting: data.reason || undefined});
    case 'priority': return Object.assign(job, {priority: data.priority});
    case 'cancelling': return Object.assign(job, {cancelling: true});
    case 'succeeded': case 'failed': case 'cancelled':
      return Object.assign(job, {status: type, ended_at: at, error: data.error, cancelling: false, progress: {}});
    default: return job;
  }
}

function staged(job, record) {
  if (!job.stages) {
    if (job.status === 'running') {
      askForStages(job.id);
    }
    return;
  }
  const place = job.stages.findIndex(stage => stage.stage === record.stage);
  if (place < 0) {
    job.stages.push(record);
  } else {
    job.stages[place] = record;
  }
  if (record.status !== 'running') {
    delete job.progress?.[record.stage];
  }
}

/** The pace is that of the last seconds: work that stood still or shared the processors tells nothing of what is to come. */
function progressed(job, {stage, done, speed}) {
  const now = performance.now();
  job.progress ??= {};
  const known = job.progress[stage];
  if (!known || done < known.done) {
    job.progress[stage] = {done, speed, at: now, pace: 0};
  } else if (done > known.done && now > known.at) {
    const pace = (done - known.done) / ((now - known.at) / 1000);
    job.progress[stage] = {done, speed, at: now, pace: known.pace ? known.pace * 0.8 + pace * 0.2 : pace};
  } else {
    job.progress[stage] = {...known, speed};
  }
  if (!job.stages && job.status === 'running') {
    askForStages(job.id);
  }
}

/** Seconds until a stage will be done; null when nobody can tell. */
export function left(progress) {
  return progress && progress.pace > 0 && progress.done > 0.02 ? (1 - progress.done) / progress.pace : null;
}

/** How the stages of a job stand, in the order of its path, those that somebody added last. */
export function path(job) {
  const records = new Map((job.stages ?? []).map(stage => [stage.stage, stage]));
  const added = [...records.keys()].filter(id => !STAGES.includes(id));
  return [...STAGES, ...added].map(id => {
    const record = records.get(id);
    const status = !record ? 'pending' : idle(record) ? 'idle' : record.status;
    const progress = status === 'running' ? job.progress?.[id] : null;
    const ended = ['succeeded', 'reused', 'idle'].includes(status);
    return {id, record, status, progress, done: ended ? 1 : progress?.done ?? 0};
  });
}

/** Whether the plan has nothing to do in a stage, as a piece without sound has nothing to mix: it has no inputs. */
function idle(record) {
  return PLANNED.includes(record.stage) && ['running', 'succeeded', 'reused'].includes(record.status)
    && !('inputs' in record.metadata);
}

/** How far a job is as a whole, 0 to 1, and what it is at. */
export function overall(job) {
  const stages = path(job).filter(stage => stage.status !== 'idle');
  const now = stages.filter(stage => stage.status === 'running' || stage.status === 'retrying');
  const done = stages.reduce((sum, stage) => sum + stage.done, 0) / Math.max(1, stages.length);
  const remaining = now.map(stage => left(stage.progress)).filter(seconds => seconds !== null);
  return {
    done,
    at: now,
    speed: Math.max(0, ...now.map(stage => stage.progress?.speed ?? 0)),
    left: remaining.length ? Math.max(...remaining) : null,
  };
}

/** Another node may have paused the queue, of which this one's stream does not tell. */
const QUEUE_MILLIS = 15000;

let queueTimer = 0;
function askForQueue() {
  queueTimer ||= setTimeout(async () => {
    try {
      model.queue = await get('/api/queue');
      ruled = true;
      draw();
    } catch {
      // The stream says whether the service is there.
    } finally {
      queueTimer = 0;
    }
  }, REFRESH_MILLIS);
}

/**
 * A list of jobs that is kept as the service has it: asked for again when it may have changed, no more than now and then.
 * @param query of /api/jobs, without limit and cursor
 */
export function list(query, size, shown) {
  let wanted = size;
  let timer = 0;
  let ended = false;
  let failed = () => {};
  const here = {ids: [], more: false, loaded: false};

  async function load() {
    timer = 0;
    const pages = [];
    let cursor = null;
    try {
      do {
        const limit = Math.min(500, wanted - pages.length);
        const page = await get(`/api/jobs?${query}&limit=${limit}${cursor ? `&cursor=${cursor}` : ''}`);
        pages.push(...page.jobs);
        cursor = page.next ?? null;
      } while (cursor && pages.length < wanted);
    } catch (problem) {
      failed(problem);
      return;
    }
    if (!ended) {
      learn(pages);
      Object.assign(here, {ids: pages.map(job => job.id), more: cursor !== null, loaded: true});
      shown(here);
    }
  }

  const soon = () => { timer ||= setTimeout(load, REFRESH_MILLIS); };
  const stop = watch(change => {
    if (change.moved) {
      soon();
    }
  });
  load();
  return {
    more() { wanted += size; load(); },
    refresh: soon,
    onfail(act) { failed = act; },
    end() { ended = true; stop(); clearTimeout(timer); },
  };
}

/** Begins to follow the service. */
export function start() {
  askForQueue();
  const asking = setInterval(askForQueue, QUEUE_MILLIS);
  const unfollow = follow(happened, state => {
    const before = model.live;
    model.live = state;
    if (state === 'live') {
      // Whatever was missed: lists are asked for again, and events that were missed are told again.
      moved = true;
      askForQueue();
    }
    if (before !== state) {
      ruled = true;
    }
    draw();
  });
  return () => {
    clearInterval(asking);
    unfollow();
  };
}
