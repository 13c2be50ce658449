import type { PerformanceGroupsQuery } from '../../gql/graphql';
import { count, Measure, Measures, Panel, percent, plural, type RateValue } from '../../parts';

type Total = PerformanceGroupsQuery['performance']['total'];

/** All campaigns chosen together. */
export function Totals({ total: { campaigns, rates } }: { readonly total: Total }) {
  const figures: readonly (readonly [string, RateValue, string])[] = [
    ['Delivery rate', rates.delivery, 'recipients'],
    ['Click rate', rates.click, 'delivered'],
    ['Open rate', rates.open, 'delivered'],
    ['Click to open', rates.clickToOpen, 'openers'],
    ['Reply rate', rates.reply, 'delivered'],
    ['Unsubscribe rate', rates.unsubscribe, 'delivered'],
    ['Complaint rate', rates.complaint, 'delivered'],
    ['Coverage', rates.coverage, 'not internal'],
  ];
  return (
    <Panel
      title="All together"
      note="Each recipient counts once for each campaign; with 95 % intervals; “not enough data” below 20"
    >
      <Measures>
        <Measure
          name="Sent"
          note={`to ${count(rates.delivery.denominator)} ${plural(rates.delivery.denominator, 'recipient')}`}
        >
          {count(campaigns)} {plural(campaigns, 'campaign')}
        </Measure>
        {figures.map(([name, rate, of]) => (
          <Measure
            key={name}
            name={name}
            note={
              <>
                {count(rate.numerator)} of {count(rate.denominator)} {of}
                <br />
                <Sureness rate={rate} />
              </>
            }
          >
            {rate.value == null ? '–' : percent(rate.value)}
          </Measure>
        ))}
      </Measures>
    </Panel>
  );
}

/** The interval, or that there is too little for one to say much. */
export function Sureness({ rate }: { readonly rate: RateValue }) {
  if (!rate.enoughData || rate.low == null || rate.high == null) return 'not enough data';
  return `${percent(rate.low)}–${percent(rate.high)}`;
}
