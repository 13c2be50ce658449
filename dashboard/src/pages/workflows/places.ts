import type { ConditionNode, Draft } from './draft';

/** Something that the service says of the input, and of which part. */
export interface Problem {
  readonly message: string;
  readonly field?: readonly string[] | null;
}

/** What is wrong, by the place in the form: a condition's path, or a field's name; `whole` where it has none. */
export type Problems = Readonly<Record<string, string>>;

export const WHOLE = 'whole';

const EVENT_FIELDS = ['kind', 'atLeast', 'withinDays', 'campaignId', 'campaignType', 'topic', 'urlPattern'];

/** The paths of a condition and of all within it, as the service writes them. */
export function conditionPlaces(node: ConditionNode, path = 'condition'): string[] {
  switch (node.member) {
    case 'all':
    case 'any':
      return [
        path,
        ...node.parts.flatMap((part, index) => conditionPlaces(part, `${path}.${node.member}.${index}`)),
      ];
    case 'not':
      return [path, ...conditionPlaces(node.part, `${path}.not`)];
    case 'happened':
      return [path, ...EVENT_FIELDS.map((field) => `${path}.happened.${field}`)];
    default:
      return [path, `${path}.${node.member}`];
  }
}

/** Where the form shows what the service names: the service's path to the form's place. */
function places(draft: Draft): ReadonlyMap<string, string> {
  const { suggests, points, dueDays, endpointIds } = draft.actions;
  const found = new Map(
    ['name', 'description', 'windowDays', 'actions', 'days', ...conditionPlaces(draft.condition)].map(
      (path) => [path, path],
    ),
  );
  let index = 0;
  if (suggests !== 'nothing') {
    found.set(`actions.0.${suggests}`, 'reason');
    points.forEach((_, at) => found.set(`actions.0.${suggests}.talkingPoints.${at}`, `points.${at}`));
    index += 1;
    if (dueDays !== null) {
      found.set(`actions.${index}`, 'dueDays');
      index += 1;
    }
  }
  endpointIds.forEach((_, at) => found.set(`actions.${index + at}`, 'webhooks'));
  return found;
}

/** The place that a path of the service's is in: the nearest that the form has. */
export function placeOf(draft: Draft, field: readonly string[] | null | undefined): string {
  const known = places(draft);
  for (let length = field?.length ?? 0; length > 0; length -= 1) {
    const found = known.get((field ?? []).slice(0, length).join('.'));
    if (found !== undefined) return found;
  }
  return WHOLE;
}

/** What is wrong, where the form shows it. */
export function placed(draft: Draft, problems: readonly Problem[]): Problems {
  return Object.fromEntries(problems.map(({ message, field }) => [placeOf(draft, field), message]));
}
