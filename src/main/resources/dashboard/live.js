// What happens, as it happens. A browser holds few connections to one host, so of all tabs only one follows the service
// and tells the others; when it is closed, the next one takes over where it was.

const TYPES = ['accepted', 'started', 'stage', 'note', 'cancelling', 'requeued', 'retried', 'waiting', 'priority',
  'offered', 'helped', 'succeeded', 'failed', 'cancelled', 'progress', 'queue'];
const LONGEST_PAUSE = 10000;

/**
 * Follows all jobs.
 * @param told is told each event, {type, job_id, data, at, number}
 * @param stands is told whether the service is followed: 'live' or 'lost'
 * @return ends it
 */
export function follow(told, stands) {
  let last = null;
  let source = null;
  let timer = 0;
  let pause = 1000;
  let leading = false;
  let ended = false;
  let standing = 'lost';
  let release = () => {};
  const others = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('avo-live');

  function tell(event) {
    if (event.number) {
      last = event.number;
    }
    told(event);
  }

  function stand(state) {
    standing = state;
    stands(state);
    if (leading) {
      others?.postMessage({state});
    }
  }

  function open() {
    if (ended) {
      return;
    }
    source = new EventSource(last === null ? '/api/events' : `/api/events?after=${last}`);
    source.onopen = () => {
      pause = 1000;
      stand('live');
    };
    source.onerror = () => {
      stand('lost');
      if (source.readyState === EventSource.CLOSED) {
        // It was refused, as while the service starts: browsers don't try again then.
        clearTimeout(timer);
        timer = setTimeout(open, pause);
        pause = Math.min(pause * 2, LONGEST_PAUSE);
      }
    };
    for (const type of TYPES) {
      source.addEventListener(type, message => {
        const data = JSON.parse(message.data);
        const event = type === 'progress' || type === 'queue' ? {type, job_id: data.job_id, data} : data;
        tell(event);
        others?.postMessage({event});
      });
    }
  }

  function lead() {
    leading = true;
    open();
    return new Promise(resolve => { release = resolve; });
  }

  if (others && navigator.locks) {
    others.onmessage = ({data}) => {
      if (data.ask) {
        if (leading) {
          others.postMessage({state: standing});
        }
      } else if (!leading && data.event) {
        tell(data.event);
      } else if (!leading && data.state) {
        stand(data.state);
      }
    };
    navigator.locks.request('avo-live', {mode: 'exclusive'}, () => ended ? undefined : lead());
    others.postMessage({ask: true});
  } else {
    lead();
  }

  return () => {
    ended = true;
    clearTimeout(timer);
    source?.close();
    others?.close();
    release();
  };
}
