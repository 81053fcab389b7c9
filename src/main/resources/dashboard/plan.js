// A plan: what would be run and what is reused, and why, stage by stage.

import {code, h} from './dom.js';
import {STAGES} from './model.js';
import {badge} from './parts.js';
import {bytes, duration, money, named, number, t} from './text.js';

export function plan(view) {
  const stages = [...new Set([...STAGES, ...view.steps.map(step => step.stage)])]
    .map(stage => [stage, view.steps.filter(step => step.stage === stage)]).filter(([, steps]) => steps.length);
  return h('div', {class: 'plan'},
    h('dl', {class: 'figures-list'},
      figure(t('plan.run'), number(view.to_run)), figure(t('plan.reuse'), number(view.to_reuse)),
      figure(t('plan.speech'), t('plan.characters', {number: number(view.speech_characters)})),
      view.cost !== undefined && view.speech_characters > 0 ? figure(t('plan.cost'), money(Number(view.cost), view.currency)) : null,
      view.to_run > 0 && view.disk ? figure(t('plan.disk'), t('plan.disk.of', {needed: bytes(view.disk.needed), free: bytes(view.disk.free)})) : null,
      figure(t('plan.time'), view.time ? time(view.time) : t('plan.unknown'))),
    view.notes.length ? h('ul', {class: 'notes'}, view.notes.map(note => h('li', {}, note))) : null,
    view.to_run === 0 ? h('p', {class: 'note'}, t('plan.nothing')) : null,
    stages.map(([stage, steps]) => h('section', {class: 'plan-stage'},
      h('h3', {}, named('stage', stage), ' ', h('code', {class: 'id'}, stage)),
      h('ul', {class: 'plan-steps'}, steps.map(step)))),
    h('section', {class: 'plan-stage'}, h('h3', {}, t('outputs')),
      h('ul', {class: 'plan-steps'}, view.outputs.map(output => h('li', {class: 'plan-step'}, h('div', {class: 'line'},
        badge(output.standing ? 'reuse' : 'run').element, h('code', {class: 'path'}, output.path), h('span', {class: 'why'},
          output.standing ? t('plan.standing') : output.preset)))))),
    view.inputs.length ? h('section', {class: 'plan-stage'}, h('h3', {}, t('sources')),
      h('ul', {class: 'plan-steps'}, view.inputs.map(input => h('li', {class: 'plan-step'}, h('div', {class: 'line'},
        h('strong', {}, input.alias), h('span', {class: 'why'}, `${input.facts} · ${bytes(input.bytes)}`)))))) : null);
}

function figure(term, value) {
  return h('div', {}, h('dt', {}, term), h('dd', {}, value));
}

function time(range) {
  const [low, high] = [Number(range.low), Number(range.high)];
  return duration(low) === duration(high) ? duration(low) : t('range', {low: duration(low), high: duration(high)});
}

function step(one) {
  const request = one.request;
  const text = request?.text;
  return h('li', {class: 'plan-step'},
    h('div', {class: 'line'}, badge(one.run ? 'run' : 'reuse').element, h('strong', {}, one.step),
      h('span', {class: 'why'}, [one.reason, one.estimated ? t('plan.estimated') : ''].filter(Boolean).join(' · '))),
    text ? h('blockquote', {}, text, ' ', h('span', {class: 'why'},
      [request.voice ?? request.language, request.provider, t('plan.characters', {number: number(request.characters)})].filter(Boolean).join(' · ')))
      : null,
    one.commands.length ? h('details', {}, h('summary', {}, t('command')),
      one.commands.map(command => code(command, t('copy'), t('copied')))) : null);
}
