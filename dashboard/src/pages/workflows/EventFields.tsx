import type { CampaignType } from '../../gql/graphql';
import { NumberField, Select, TextField, type Choice } from '../../parts';
import { CampaignField } from './CampaignField';
import type { ConditionNode, HappenedNode } from './draft';
import type { Problems } from './places';
import { EVENTS, TYPES } from './words';
import styles from './Workflows.module.css';

const KINDS = (Object.keys(EVENTS) as (keyof typeof EVENTS)[]).map((value) => ({
  value: value,
  label: EVENTS[value][1],
}));

const ANY = 'any';
const CAMPAIGN_TYPES: readonly Choice<CampaignType | typeof ANY>[] = [
  { value: ANY, label: 'any type' },
  ...(Object.keys(TYPES) as CampaignType[]).map((value) => ({ value, label: TYPES[value] })),
];

interface EventFieldsProps {
  readonly node: HappenedNode;
  /** As the service writes it, e.g. `condition.all.0.happened`. */
  readonly path: string;
  readonly problems: Problems;
  readonly onChange: (node: ConditionNode) => void;
}

/** Which events, how many of them, how lately, and of which mail. */
export function EventFields({ node, path, problems, onChange }: EventFieldsProps) {
  const set = (change: Partial<HappenedNode>): void => onChange({ ...node, ...change });
  const said = (field: string): string | undefined => problems[`${path}.${field}`];
  return (
    <div className={styles.fields}>
      <Select
        label="Kind of event"
        choices={KINDS}
        value={node.kind}
        problem={said('kind')}
        // Only clicks have links.
        onChange={(kind) => set(kind === 'CLICKED' ? { kind } : { kind, urlPattern: '' })}
      />
      <NumberField
        label="At least so many"
        least={1}
        most={1_000}
        value={node.atLeast}
        problem={said('atLeast')}
        onChange={(atLeast) => set({ atLeast })}
      />
      <NumberField
        label="Within days"
        least={1}
        most={365}
        value={node.withinDays}
        problem={said('withinDays')}
        onChange={(withinDays) => set({ withinDays })}
      />
      <Select
        label="Campaign’s type"
        choices={CAMPAIGN_TYPES}
        value={node.campaignType ?? ANY}
        problem={said('campaignType')}
        onChange={(type) => set({ campaignType: type === ANY ? null : type })}
      />
      <CampaignField
        chosen={node.campaign}
        problem={said('campaignId')}
        onChange={(campaign) => set({ campaign })}
      />
      <TextField
        label="About topic"
        placeholder="any topic"
        value={node.topic}
        maxLength={500}
        problem={said('topic')}
        onChange={(topic) => set({ topic })}
      />
      {node.kind === 'CLICKED' && (
        <TextField
          label="On links like"
          placeholder="any link"
          description="“*” stands for anything: */pricing*"
          value={node.urlPattern}
          maxLength={500}
          problem={said('urlPattern')}
          onChange={(urlPattern) => set({ urlPattern })}
        />
      )}
    </div>
  );
}
