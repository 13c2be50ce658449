import type {
  CampaignType,
  ConditionInput,
  EventKind,
  HappenedInput,
  Level,
  WorkflowActionInput,
  WorkflowInput,
  WorkflowsPlanFragment,
} from '../../gql/graphql';

type MembersOf<Union> = Union extends unknown ? keyof Union : never;

/** What a condition can be: the members of the schema's `ConditionInput`, of which it has exactly one. */
export type Member = MembersOf<ConditionInput>;

export interface CampaignChoice {
  readonly id: string;
  /** Null where it is there no more: that is not any campaign, until somebody says so. */
  readonly name: string | null;
}

interface Keyed {
  /** Its own for as long as the form stands, wherever it is moved. */
  readonly key: string;
}

export interface GroupNode extends Keyed {
  readonly member: 'all' | 'any';
  readonly parts: readonly ConditionNode[];
}

export interface NotNode extends Keyed {
  readonly member: 'not';
  readonly part: ConditionNode;
}

export interface HappenedNode extends Keyed {
  readonly member: 'happened';
  readonly kind: EventKind;
  /** Null: the service's usual number. */
  readonly atLeast: number | null;
  readonly withinDays: number | null;
  readonly campaign: CampaignChoice | null;
  readonly campaignType: CampaignType | null;
  readonly topic: string;
  readonly urlPattern: string;
}

export interface NumberNode extends Keyed {
  readonly member: 'silentForDays' | 'unansweredSends';
  readonly number: number | null;
}

export interface SegmentsNode extends Keyed {
  readonly member: 'segments';
  readonly segments: readonly string[];
}

export interface LevelsNode extends Keyed {
  readonly member: 'levels';
  readonly levels: readonly Level[];
}

/** A condition as the form has it. */
export type ConditionNode = GroupNode | NotNode | HappenedNode | NumberNode | SegmentsNode | LevelsNode;

/** What a workflow recommends: the members of `WorkflowActionInput` that make a recommendation, or none. */
export type Suggests = 'recommend' | 'raiseRisk' | 'nothing';

export interface ActionsDraft {
  readonly suggests: Suggests;
  readonly reason: string;
  readonly points: readonly string[];
  /** Null: on no day. */
  readonly dueDays: number | null;
  readonly endpointIds: readonly string[];
}

/** A workflow as the form has it. */
export interface Draft {
  readonly name: string;
  readonly description: string;
  readonly enabled: boolean;
  readonly condition: ConditionNode;
  readonly actions: ActionsDraft;
  readonly windowDays: number | null;
}

/** A condition as it is read, as deep as it goes. */
export interface ConditionRead {
  readonly all?: readonly ConditionRead[] | null;
  readonly any?: readonly ConditionRead[] | null;
  readonly not?: ConditionRead | null;
  readonly happened?: {
    readonly kind: EventKind;
    readonly atLeast: number;
    readonly withinDays: number;
    readonly campaignId?: string | null;
    readonly campaign?: { readonly name: string } | null;
    readonly campaignType?: CampaignType | null;
    readonly topic?: string | null;
    readonly urlPattern?: string | null;
  } | null;
  readonly silentForDays?: number | null;
  readonly unansweredSends?: number | null;
  readonly segments?: readonly string[] | null;
  readonly levels?: readonly Level[] | null;
}

let lastKey = 0;

function key(): string {
  lastKey += 1;
  return `condition-${lastKey}`;
}

/** A condition of a kind before anything was said of it. */
export function blank(member: Member): ConditionNode {
  switch (member) {
    case 'all':
    case 'any':
      return { key: key(), member, parts: [blank('happened')] };
    case 'not':
      return { key: key(), member, part: blank('happened') };
    case 'happened':
      return {
        key: key(),
        member,
        kind: 'CLICKED',
        atLeast: 1,
        withinDays: 30,
        campaign: null,
        campaignType: null,
        topic: '',
        urlPattern: '',
      };
    case 'silentForDays':
      return { key: key(), member, number: 60 };
    case 'unansweredSends':
      return { key: key(), member, number: 5 };
    case 'segments':
      return { key: key(), member, segments: [] };
    case 'levels':
      return { key: key(), member, levels: ['HIGH'] };
  }
}

/** The form for a new workflow. */
export function newDraft(): Draft {
  return {
    name: '',
    description: '',
    enabled: false,
    condition: blank('all'),
    actions: { suggests: 'recommend', reason: '', points: [], dueDays: 3, endpointIds: [] },
    windowDays: 30,
  };
}

/** The form for a condition that is there. */
export function nodeOf(read: ConditionRead): ConditionNode {
  if (read.all != null) return { key: key(), member: 'all', parts: read.all.map(nodeOf) };
  if (read.any != null) return { key: key(), member: 'any', parts: read.any.map(nodeOf) };
  if (read.not != null) return { key: key(), member: 'not', part: nodeOf(read.not) };
  if (read.silentForDays != null) return { key: key(), member: 'silentForDays', number: read.silentForDays };
  if (read.unansweredSends != null)
    return { key: key(), member: 'unansweredSends', number: read.unansweredSends };
  if (read.segments != null) return { key: key(), member: 'segments', segments: read.segments };
  if (read.levels != null) return { key: key(), member: 'levels', levels: read.levels };
  const event = read.happened;
  if (event == null) return blank('all');
  return {
    key: key(),
    member: 'happened',
    kind: event.kind,
    atLeast: event.atLeast,
    withinDays: event.withinDays,
    campaign: event.campaignId == null ? null : { id: event.campaignId, name: event.campaign?.name ?? null },
    campaignType: event.campaignType ?? null,
    topic: event.topic ?? '',
    urlPattern: event.urlPattern ?? '',
  };
}

/** The form for a workflow that is there. */
export function draftOf(workflow: WorkflowsPlanFragment): Draft {
  const { name, description, enabled, condition, windowDays, actions } = workflow;
  const said = actions.recommend ?? actions.raiseRisk;
  return {
    name,
    description,
    enabled,
    condition: nodeOf(condition),
    windowDays,
    actions: {
      suggests: actions.raiseRisk ? 'raiseRisk' : actions.recommend ? 'recommend' : 'nothing',
      reason: said?.reason ?? '',
      points: said?.talkingPoints ?? [],
      dueDays: actions.dueDays ?? null,
      endpointIds: actions.callWebhooks.map(({ id }) => id),
    },
  };
}

/** Of no number the service says what is wrong with it, at its field. */
const NO_NUMBER = 0;

function happenedInput(node: HappenedNode): HappenedInput {
  return {
    kind: node.kind,
    atLeast: node.atLeast,
    withinDays: node.withinDays,
    campaignId: node.campaign?.id ?? null,
    campaignType: node.campaignType,
    topic: node.topic.trim() || null,
    urlPattern: node.urlPattern.trim() || null,
  };
}

/** A condition as the service takes it. */
export function conditionInput(node: ConditionNode): ConditionInput {
  switch (node.member) {
    case 'all':
      return { all: node.parts.map(conditionInput) };
    case 'any':
      return { any: node.parts.map(conditionInput) };
    case 'not':
      return { not: conditionInput(node.part) };
    case 'happened':
      return { happened: happenedInput(node) };
    case 'silentForDays':
      return { silentForDays: node.number ?? NO_NUMBER };
    case 'unansweredSends':
      return { unansweredSends: node.number ?? NO_NUMBER };
    case 'segments':
      return { segments: [...node.segments] };
    case 'levels':
      return { levels: [...node.levels] };
  }
}

/** What is done, in the order that `places` knows: the recommendation, its day, the webhooks. */
export function actionInputs(draft: ActionsDraft): WorkflowActionInput[] {
  const said = { reason: draft.reason, talkingPoints: [...draft.points] };
  const calls = draft.endpointIds.map((endpointId) => ({ callWebhook: { endpointId } }));
  if (draft.suggests === 'nothing') return calls;
  const due = draft.dueDays === null ? [] : [{ setDueDate: { days: draft.dueDays } }];
  const made = draft.suggests === 'recommend' ? { recommend: said } : { raiseRisk: said };
  return [made, ...due, ...calls];
}

/** A workflow as the service takes it; `version` is the one that was looked at. */
export function workflowInput(draft: Draft, version: number | null = null): WorkflowInput {
  return {
    name: draft.name,
    description: draft.description,
    enabled: draft.enabled,
    condition: conditionInput(draft.condition),
    actions: actionInputs(draft.actions),
    windowDays: draft.windowDays,
    version,
  };
}

/** What a preview asks: the condition and the window alone, so that the rest may be unfinished. */
export function previewInput(draft: Draft): WorkflowInput {
  return {
    name: 'Preview',
    enabled: false,
    condition: conditionInput(draft.condition),
    actions: [{ recommend: { reason: 'Preview' } }],
    windowDays: draft.windowDays,
  };
}

/** Whether two forms say the same. */
export function isSame(one: Draft, other: Draft): boolean {
  return JSON.stringify(workflowInput(one)) === JSON.stringify(workflowInput(other));
}
