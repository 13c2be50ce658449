import type { CampaignFiguresFragment, CampaignFunnelFragment } from '../../gql/graphql';
import { Bar, count, Panel, percent } from '../../parts';
import styles from './Campaign.module.css';

interface Step {
  readonly name: string;
  readonly part: number;
  readonly whole: number;
  readonly of: string;
  readonly tone?: 'act' | 'human' | 'machine' | 'bad' | 'warn';
}

/** How far it got, step by step; live. */
export function FunnelPanel({
  funnel,
  acts,
}: {
  readonly funnel: CampaignFunnelFragment;
  readonly acts: CampaignFiguresFragment['analysis']['acts'];
}) {
  const { recipients, delivered, openers, clickers, bounced } = funnel;
  const all = { whole: recipients, of: 'recipients' };
  const arrived = { whole: delivered, of: 'delivered' };
  return (
    <Panel title="Funnel" note="Live; recipients, each counted once">
      <Steps
        steps={[
          { name: 'Sent', part: recipients, ...all },
          { name: 'Delivered', part: delivered, ...all },
          { name: 'Opened', part: openers.human, ...arrived, tone: 'human' },
          { name: 'Clicked', part: clickers.human, ...arrived, tone: 'human' },
          { name: 'Replied', part: funnel.repliers, ...arrived, tone: 'human' },
          { name: 'Forwarded', part: funnel.forwarders, ...arrived, tone: 'human' },
        ]}
      />
      <h3 className={styles.small}>Lost</h3>
      <Steps
        steps={[
          { name: 'Bounced for good', part: bounced.hard, ...all, tone: 'bad' },
          { name: 'Bounced for now', part: bounced.soft, ...all, tone: 'warn' },
          { name: 'Not sent', part: funnel.rejected, ...all, tone: 'bad' },
          { name: 'Unsubscribed', part: funnel.unsubscribers, ...arrived, tone: 'warn' },
          { name: 'Marked as spam', part: funnel.complained, ...arrived, tone: 'bad' },
        ]}
      />
      <h3 className={styles.small}>Machines: shown, never counted above</h3>
      <Steps
        steps={[
          { name: 'Opened by a machine', part: openers.machine, ...arrived, tone: 'machine' },
          { name: 'Clicked by a machine', part: clickers.machine, ...arrived, tone: 'machine' },
        ]}
      />
      <p className={styles.soft}>
        In all, repeats counted: {count(acts.opensHuman)} opens and {count(acts.clicksHuman)} clicks by
        people, {count(acts.opensMachine)} opens and {count(acts.clicksMachine)} clicks by machines.
      </p>
    </Panel>
  );
}

function Steps({ steps }: { readonly steps: readonly Step[] }) {
  return (
    <ul className={styles.steps}>
      {steps.map(({ name, part, whole, of, tone = 'act' }) => (
        <li key={name}>
          <span>{name}</span>
          <Bar share={whole === 0 ? 0 : part / whole} tone={tone} />
          <span className={styles.figure}>
            <strong>{count(part)}</strong>{' '}
            <span className={styles.soft}>
              {whole === 0 ? `of 0 ${of}` : `${percent(part / whole)} of ${count(whole)} ${of}`}
            </span>
          </span>
        </li>
      ))}
    </ul>
  );
}
