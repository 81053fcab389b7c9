// The service, asked over HTTP. What is refused is thrown as a Problem.

export class Problem extends Error {
  constructor(status, body) {
    super(body.detail ?? body.title ?? String(status));
    this.status = status;
    this.body = body;
    this.type = (body.type ?? '').split(':').pop();
    this.violations = body.violations ?? [];
  }
}

let signedOut = () => {};
export function whenSignedOut(act) {
  signedOut = act;
}

async function send(method, path, {body, type = 'application/json', headers = {}} = {}) {
  let answer;
  try {
    answer = await fetch(path, {
      method, body, credentials: 'same-origin',
      headers: {'Avo-Client': 'dashboard', ...(body === undefined ? {} : {'Content-Type': type}), ...headers},
    });
  } catch {
    throw new Problem(0, {type: 'lost'});
  }
  if (!answer.ok) {
    const text = await answer.text();
    let said = {};
    try {
      said = JSON.parse(text);
    } catch {
      said = {detail: text.slice(0, 200) || String(answer.status)};
    }
    if (answer.status === 401 && !path.startsWith('/api/session')) {
      signedOut();
    }
    throw new Problem(answer.status, said);
  }
  return answer;
}

export async function get(path) {
  return (await send('GET', path)).json();
}

export async function text(path) {
  return (await send('GET', path)).text();
}

export async function post(path, value) {
  const answer = await send('POST', path, value === undefined ? {} : {body: JSON.stringify(value)});
  return answer.status === 204 ? null : answer.json();
}

export async function leave() {
  await send('DELETE', '/api/session');
}

/** Sends a spec; without a name, JSON is told by how it begins. */
export async function spec(path, source, {folder, name, key}) {
  const json = name ? name.endsWith('.json') : source.trimStart().startsWith('{');
  const query = new URLSearchParams();
  if (folder) {
    query.set('folder', folder);
  }
  if (name) {
    query.set('name', name);
  }
  const answer = await send('POST', `${path}?${query}`,
    {body: source, type: json ? 'application/json' : 'application/yaml', headers: key ? {'Idempotency-Key': key} : {}});
  return answer.json();
}

export const job = (id, rest = '') => `/api/jobs/${encodeURIComponent(id)}${rest}`;
