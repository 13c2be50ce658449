import type { CampaignFiguresFragment } from '../../gql/graphql';
import { Panel, percent, Rate, Table, type RateValue } from '../../parts';
import styles from './Campaign.module.css';

type Analysis = CampaignFiguresFragment['analysis'];

interface Row {
  readonly name: string;
  readonly rate: RateValue;
  readonly of: string;
  readonly usual?: number | null | undefined;
}

/** The rates with their 95 % intervals, beside what all portfolios did together. */
export function RatesPanel({ rates, average }: Pick<Analysis, 'rates' | 'average'>) {
  const rows: readonly Row[] = [
    { name: 'Delivery', rate: rates.delivery, of: 'recipients' },
    { name: 'Bounce', rate: rates.bounce, of: 'recipients' },
    { name: 'Open', rate: rates.open, of: 'delivered', usual: average?.open },
    { name: 'Click', rate: rates.click, of: 'delivered', usual: average?.click },
    { name: 'Click to open', rate: rates.clickToOpen, of: 'openers', usual: average?.clickToOpen },
    { name: 'Reply', rate: rates.reply, of: 'delivered', usual: average?.reply },
    { name: 'Forward', rate: rates.forward, of: 'delivered' },
    { name: 'Unsubscribe', rate: rates.unsubscribe, of: 'delivered', usual: average?.unsubscribe },
    { name: 'Complaint', rate: rates.complaint, of: 'delivered' },
    { name: 'Engagement', rate: rates.engagement, of: 'delivered' },
    { name: 'Coverage', rate: rates.coverage, of: 'recipients not internal' },
  ];
  return (
    <Panel title="Rates" note="By people; with the 95 % interval; faint where fewer than 20 could have acted">
      <Table
        label="Table of rates"
        rows={rows}
        keyOf={({ name }) => name}
        columns={[
          { name: 'Rate', width: '6rem', cell: ({ name }) => name },
          { name: 'Value', width: '14rem', cell: ({ rate, of }) => <Rate rate={rate} of={of} /> },
          {
            name: 'All portfolios',
            width: '5rem',
            isNumber: true,
            cell: ({ usual }) => (usual == null ? <span className={styles.soft}>–</span> : percent(usual)),
          },
        ]}
      />
    </Panel>
  );
}
