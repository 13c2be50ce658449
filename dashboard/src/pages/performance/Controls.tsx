import type { CampaignType } from '../../gql/graphql';
import { Panel, SearchField, Select, TextField } from '../../parts';
import { TYPES } from '../campaign/words';
import { PERIODS } from './choice';
import type { Chosen } from './useChoice';
import { METRICS, metricWords } from './words';
import styles from './Performance.module.css';

const ANY = 'any';

const KINDS = Object.entries(TYPES).map(([value, label]) => ({ value: value as CampaignType, label }));

/** Which campaigns, of which time, by which rate; the address has all of it, so that it can be sent to somebody. */
export function Controls({ choice, bounds, set, setPeriod }: Chosen) {
  const { label, means } = metricWords(choice.metric);
  return (
    <Panel title="What to look at" note={`${label}: ${means}, of those delivered to; machines do not count`}>
      <div className={styles.controls}>
        <SearchField
          label="Campaigns by name or subject"
          value={choice.search}
          onChange={(search) => set({ search })}
        />
        <Select label="Rate" value={choice.metric} onChange={(metric) => set({ metric })} choices={METRICS} />
        <Select label="Sent in" value={choice.period} onChange={setPeriod} choices={PERIODS} />
        <Select
          label="Type"
          value={choice.type ?? ANY}
          onChange={(type) => set({ type: type === ANY ? null : type })}
          choices={[{ value: ANY, label: 'Any type' }, ...KINDS]}
        />
        {choice.period === 'own' && (
          <>
            <TextField label="First day" type="date" value={choice.from} onChange={(from) => set({ from })} />
            <TextField
              label="Last day"
              type="date"
              value={choice.to}
              onChange={(to) => set({ to })}
              problem={bounds === null ? 'It is before the first day.' : undefined}
            />
          </>
        )}
      </div>
    </Panel>
  );
}
