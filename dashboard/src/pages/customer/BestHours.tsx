import type { CustomerBestTimeFragment } from '../../gql/graphql';
import { count, Panel, Time, WeekMap, windowText } from '../../parts';
import { nextStart } from '../today/bestTime';
import { liftText, weekText } from './figures';
import { useNow } from './useNow';
import { BASES } from './words';
import styles from './Customer.module.css';

interface Known {
  readonly bestTime: CustomerBestTimeFragment & { readonly hours: readonly number[] };
}

/** The hours of the week in which its people act, and the best windows. */
export function BestHours({ bestTime }: Known) {
  return (
    <Panel title="When its people act" note="Each by their own clock; hours near an act count a little, too">
      <Week bestTime={bestTime} />
    </Panel>
  );
}

/** The same without the panel. */
export function Week({ bestTime }: Known) {
  const { windows, hours, acts, basis, timezone } = bestTime;
  return (
    <>
      <Windows bestTime={bestTime} />
      {hours.length > 0 && (
        <WeekMap values={hours} summary={weekText(windows, acts, timezone)} text={liftText} />
      )}
      <p className={styles.soft}>
        Rests on {basis === 'DEFAULT' ? BASES[basis] : `${count(acts)} ${BASES[basis]}`}
        {basis !== 'DEFAULT' && '; evened out by what is usual, the more the fewer they are'}.
      </p>
    </>
  );
}

function Windows({ bestTime: { windows, timezone } }: { readonly bestTime: CustomerBestTimeFragment }) {
  const now = useNow();
  return (
    <ol className={styles.windows}>
      {windows.map((window, index) => {
        const next = nextStart(window, timezone, now);
        return (
          <li key={window.weekday}>
            <strong>{windowText(window)}</strong>{' '}
            <span className={styles.soft}>
              {timezone}
              {index === 0 && ' · the best'} · {liftText(window.lift)} · {count(window.evidence)}{' '}
              {window.evidence === 1 ? 'act' : 'acts'} in it
              {next && (
                <>
                  {' · next '}
                  <Time at={next.toISOString()} theirs={timezone} />
                </>
              )}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
