// Words, numbers and times in the language of the reader.

export const LANGUAGES = {en: 'English', zh: '中文'};

let messages = {};
let language = 'en';
const formats = new Map();

export function preferred() {
  const chosen = localStorage.getItem('avo-language');
  const wanted = [chosen, ...navigator.languages].filter(Boolean).map(name => name.slice(0, 2).toLowerCase());
  return wanted.find(name => name in LANGUAGES) ?? 'en';
}

export async function load(name) {
  messages = await (await fetch(`/dashboard/messages/${name}.json`)).json();
  language = name;
  formats.clear();
  document.documentElement.lang = name === 'zh' ? 'zh-CN' : name;
}

export function choose(name) {
  localStorage.setItem('avo-language', name);
  return load(name);
}

export const current = () => language;

/** A message, with {names} filled in. */
export function t(key, values = {}) {
  const message = messages[key];
  if (message === undefined) {
    return key;
  }
  return message.replace(/\{(\w+)\}/g, (whole, name) => name in values ? String(values[name]) : whole);
}

/** A message of a key that may not be there, such as that of a stage somebody added. */
export const named = (prefix, id) => messages[`${prefix}.${id}`] ?? id;

function format(kind, make) {
  const key = `${kind}`;
  if (!formats.has(key)) {
    formats.set(key, make());
  }
  return formats.get(key);
}

export const number = value => format('number', () => new Intl.NumberFormat(language)).format(value);

/** A sum; small ones with the digits that matter. */
export function money(value, currency) {
  return format(`money${currency}${value < 1}`, () => new Intl.NumberFormat(language,
    {style: 'currency', currency, maximumFractionDigits: value > 0 && value < 1 ? 4 : 2})).format(value);
}

export function percent(share) {
  return format('percent', () => new Intl.NumberFormat(language, {style: 'percent', maximumFractionDigits: 0})).format(share);
}

function unit(value, name, digits = 0) {
  return format(name + digits, () => new Intl.NumberFormat(language,
    {style: 'unit', unit: name, unitDisplay: 'short', minimumFractionDigits: digits, maximumFractionDigits: digits})).format(value);
}

/** 0.8 sec, 12 sec, 3 min 5 sec, 2 hr 4 min. */
export function duration(seconds) {
  if (!Number.isFinite(seconds)) {
    return '–';
  }
  if (seconds < 10) {
    return unit(Math.max(0, seconds), 'second', 1);
  }
  const whole = Math.round(seconds);
  if (whole < 60) {
    return unit(whole, 'second');
  }
  if (whole < 3600) {
    return whole % 60 ? `${unit(Math.floor(whole / 60), 'minute')} ${unit(whole % 60, 'second')}` : unit(whole / 60, 'minute');
  }
  return `${unit(Math.floor(whole / 3600), 'hour')} ${unit(Math.floor(whole % 3600 / 60), 'minute')}`;
}



export function bytes(count) {
  const names = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];
  let place = 0;
  let value = count;
  while (value >= 1000 && place < names.length - 1) {
    value /= 1024;
    place++;
  }
  return unit(value, names[place], place > 0 && value < 100 ? 1 : 0);
}

export function clock(time) {
  return format('clock', () => new Intl.DateTimeFormat(language,
    {hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false})).format(new Date(time));
}

export function dateTime(time) {
  return format('dateTime', () => new Intl.DateTimeFormat(language, {dateStyle: 'medium', timeStyle: 'medium'})).format(new Date(time));
}

export function hour(time, days) {
  return format(`hour${days}`, () => new Intl.DateTimeFormat(language,
    days ? {weekday: 'short', day: 'numeric'} : {hour: '2-digit', minute: '2-digit', hour12: false})).format(new Date(time));
}

export function ago(time) {
  const seconds = Math.round((Date.parse(time) - Date.now()) / 1000);
  const relative = format('ago', () => new Intl.RelativeTimeFormat(language, {numeric: 'auto', style: 'short'}));
  const away = Math.abs(seconds);
  if (away < 60) {
    return relative.format(Math.min(0, seconds), 'second');
  }
  if (away < 3600) {
    return relative.format(Math.round(seconds / 60), 'minute');
  }
  return away < 86400 ? relative.format(Math.round(seconds / 3600), 'hour') : relative.format(Math.round(seconds / 86400), 'day');
}

export const speed = value => value > 0 ? `${value < 10 ? value.toFixed(1) : Math.round(value)}×` : '';

/** Of something that goes on: without tenths, which nobody could read. */
export const going = seconds => seconds < 60 ? unit(Math.max(0, Math.floor(seconds)), 'second') : duration(seconds);
