import { useRead } from '../../client';
import { WorkflowsEndpointsDocument } from '../../gql/graphql';
import { Button, Checkboxes, NumberField, Radios, TextField } from '../../parts';
import type { ActionsDraft, Suggests } from './draft';
import type { Problems } from './places';
import { SUGGESTS } from './words';
import styles from './Workflows.module.css';

const CHOICES = (Object.keys(SUGGESTS) as Suggests[]).map((value) => ({
  value,
  label: SUGGESTS[value][0],
  note: SUGGESTS[value][1],
}));

const MOST_POINTS = 10;

interface ActionsProps {
  readonly draft: ActionsDraft;
  readonly problems: Problems;
  readonly onChange: (draft: ActionsDraft) => void;
}

/** What is done when the condition comes to hold. */
export function Actions({ draft, problems, onChange }: ActionsProps) {
  const set = (change: Partial<ActionsDraft>): void => onChange({ ...draft, ...change });
  return (
    <div className={styles.parts}>
      <Radios
        label="Recommendation"
        choices={CHOICES}
        isColumn
        value={draft.suggests}
        problem={problems.actions}
        onChange={(suggests) => set({ suggests })}
      />
      {draft.suggests !== 'nothing' && <Suggestion {...{ draft, problems, onChange }} />}
      <Webhooks {...{ draft, problems, onChange }} />
    </div>
  );
}

function Suggestion({ draft, problems, onChange }: ActionsProps) {
  const { points } = draft;
  const set = (change: Partial<ActionsDraft>): void => onChange({ ...draft, ...change });
  return (
    <>
      <TextField
        label="Why, in one sentence"
        description="{stakeholder} and {customer} stand for their names"
        rows={2}
        value={draft.reason}
        maxLength={500}
        problem={problems.reason}
        onChange={(reason) => set({ reason })}
      />
      {points.map((point, index) => (
        // A talking point has nothing but its place.
        <div key={index} className={styles.withButton}>
          <TextField
            label={`Talking point ${index + 1}`}
            value={point}
            maxLength={500}
            problem={problems[`points.${index}`]}
            onChange={(next) => set({ points: points.with(index, next) })}
          />
          <Button
            look="quiet"
            aria-label={`Remove talking point ${index + 1}`}
            onPress={() => set({ points: points.toSpliced(index, 1) })}
          >
            Remove
          </Button>
        </div>
      ))}
      {points.length < MOST_POINTS && (
        <p>
          <Button isSmall onPress={() => set({ points: [...points, ''] })}>
            Add a talking point
          </Button>
        </p>
      )}
      <div className={styles.short}>
        <NumberField
          label="Due after days"
          description="Empty: on no day"
          least={0}
          most={90}
          value={draft.dueDays}
          problem={problems.dueDays}
          onChange={(dueDays) => set({ dueDays })}
        />
      </div>
    </>
  );
}

function Webhooks({ draft, problems, onChange }: ActionsProps) {
  const read = useRead(WorkflowsEndpointsDocument, {}, { about: ['WebhookEndpoint'] });
  const endpoints = read.data?.webhookEndpoints ?? [];
  if (endpoints.length === 0 && draft.endpointIds.length === 0)
    return (
      <p className={styles.soft}>
        {problems.webhooks ?? 'Other systems can be told by webhook, once an admin has made an endpoint.'}
      </p>
    );
  return (
    <Checkboxes
      label="Call webhooks"
      choices={endpoints.map(({ id, name, enabled }) => ({
        value: id,
        label: enabled ? name : `${name} (switched off)`,
      }))}
      value={draft.endpointIds}
      problem={problems.webhooks}
      onChange={(endpointIds) => onChange({ ...draft, endpointIds })}
    />
  );
}
