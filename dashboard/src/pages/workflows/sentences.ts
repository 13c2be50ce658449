import type { EventKind, WorkflowsPlanFragment } from '../../gql/graphql';
import { plural } from '../../parts/numbers';
import {
  draftOf,
  type ActionsDraft,
  type CampaignChoice,
  type ConditionNode,
  type HappenedNode,
} from './draft';
import { EVENTS, LEVELS, TYPES } from './words';

/** “2 clicks”, “1 reply”. */
export function eventCount(times: number, kind: EventKind): string {
  return `${times} ${kind === 'UNKNOWN' ? 'unknown events' : plural(times, ...EVENTS[kind])}`;
}

function days(number: number | null): string {
  return number === null ? '… days' : `${number} ${plural(number, 'day')}`;
}

/** “A, B or C”. */
export function listed(words: readonly string[], last: 'and' | 'or'): string {
  if (words.length < 2) return words[0] ?? '…';
  return `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1) ?? ''}`;
}

function campaignText({ name }: CampaignChoice): string {
  return name === null ? 'of a campaign that is there no more' : `of “${name}”`;
}

/** Where nothing is said the service takes 1 event, within 30 days. */
function happened(node: HappenedNode): string {
  const filters = [
    node.campaign && campaignText(node.campaign),
    node.campaignType && `of ${TYPES[node.campaignType]}`,
    node.topic.trim() && `about “${node.topic.trim()}”`,
    node.urlPattern.trim() && `on links like “${node.urlPattern.trim()}”`,
  ].filter(Boolean);
  return [eventCount(node.atLeast ?? 1, node.kind), ...filters, `within ${days(node.withinDays ?? 30)}`].join(
    ' ',
  );
}

/** A condition in words, e.g. “2 clicks on links like “*\/pricing*” within 14 days and not (segment startup)”. */
export function conditionText(node: ConditionNode): string {
  switch (node.member) {
    case 'all':
    case 'any': {
      const word = node.member === 'all' ? ' and ' : ' or ';
      return node.parts.length === 0 ? '…' : node.parts.map((part) => within(part)).join(word);
    }
    case 'not':
      return `not (${conditionText(node.part)})`;
    case 'happened':
      return happened(node);
    case 'silentForDays':
      return `nothing done with any mail for ${days(node.number)}`;
    case 'unansweredSends':
      return `${node.number ?? '…'} mails in a row unanswered`;
    case 'segments':
      return `a customer of segment ${listed(node.segments, 'or')}`;
    case 'levels':
      return `engagement is ${listed(
        node.levels.map((level) => LEVELS[level]),
        'or',
      )}`;
  }
}

/** In brackets where words around it could be misread. */
function within(part: ConditionNode): string {
  const isMixed = (part.member === 'all' || part.member === 'any') && part.parts.length > 1;
  return isMixed ? `(${conditionText(part)})` : conditionText(part);
}

/** What is done, in words; `named` are the webhooks by name. */
export function actionsText(
  { suggests, dueDays, endpointIds }: Pick<ActionsDraft, 'suggests' | 'dueDays' | 'endpointIds'>,
  named: (id: string) => string,
): string {
  const due = dueDays === null ? '' : dueDays === 0 ? ', due the same day' : `, due in ${days(dueDays)}`;
  const made =
    suggests === 'nothing'
      ? []
      : [`${suggests === 'raiseRisk' ? 'raise a risk' : 'recommend a follow-up'}${due}`];
  const calls = endpointIds.length > 0 ? [`tell ${listed(endpointIds.map(named), 'and')}`] : [];
  return [...made, ...calls].join('; ') || 'do nothing yet';
}

/** All of it in one sentence: “When 2 clicks within 30 days: recommend a follow-up, due in 3 days.” */
export function sentence(
  condition: ConditionNode,
  actions: ActionsDraft,
  named: (id: string) => string,
): string {
  return `When ${conditionText(condition)}: ${actionsText(actions, named)}.`;
}

const COUNTED = /^(\d+) × ([A-Z_]+) within (\d+) days$/;
const LEVEL = /^level ([A-Z]+)$/;

/** What matched, as the service says it, for people: “2 × CLICKED within 30 days” → “2 clicks within 30 days”. */
export function reasonText(reason: string): string {
  const [, times, kind, within] = COUNTED.exec(reason) ?? [];
  if (times !== undefined && kind !== undefined && isKind(kind))
    return `${eventCount(Number(times), kind)} within ${days(Number(within))}`;
  const [, level] = LEVEL.exec(reason) ?? [];
  if (level !== undefined) return `engagement is ${level.toLowerCase()}`;
  return reason;
}

function isKind(word: string): word is keyof typeof EVENTS {
  return word in EVENTS;
}

/** A workflow that is there, in one sentence. */
export function sentenceOf(workflow: WorkflowsPlanFragment): string {
  const { condition, actions } = draftOf(workflow);
  const names = new Map(workflow.actions.callWebhooks.map(({ id, name }) => [id, name]));
  return sentence(condition, actions, (id) => names.get(id) ?? 'a webhook');
}
