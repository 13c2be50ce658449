import type { ReactNode } from 'react';
import { count, percent, percentPoints, plural } from './numbers';
import styles from './figures.module.css';

/** A rate as the schema's `Rate` gives it. */
export interface RateValue {
  readonly numerator: number;
  readonly denominator: number;
  readonly value?: number | null;
  readonly low?: number | null;
  readonly high?: number | null;
  readonly enoughData: boolean;
}

interface RateProps {
  readonly rate: RateValue;
  /** What the denominator counts, e.g. “delivered”. */
  readonly of: string;
  /** Without the interval, for narrow columns; it stays in the title. */
  readonly isShort?: boolean;
}

/** “12.4 % · 31 of 250 delivered · 8.9–17.1 %”: never without its denominator, faint where there is too little behind it. */
export function Rate({ rate, of, isShort = false }: RateProps) {
  const share = `${count(rate.numerator)} of ${count(rate.denominator)} ${of}`;
  if (rate.value == null) return <span className={styles.faint}>none of 0 {of}</span>;
  const interval =
    rate.low == null || rate.high == null
      ? ''
      : `${percent(rate.low)} to ${percent(rate.high)} with 95 % confidence`;
  return (
    <span className={rate.enoughData ? styles.figure : styles.thin} title={interval}>
      <strong>{percent(rate.value)}</strong>{' '}
      <span className={styles.soft}>
        {share}
        {!isShort && rate.low != null && rate.high != null && (
          <>
            {' · '}
            <span aria-label={interval}>
              {percent(rate.low)}–{percent(rate.high)}
            </span>
          </>
        )}
        {!rate.enoughData && ' · not enough data'}
      </span>
    </span>
  );
}

/** “31 of 250 delivered · 12.4 %”, where the counts come first. */
export function Share({
  part,
  whole,
  of,
}: {
  readonly part: number;
  readonly whole: number;
  readonly of: string;
}) {
  return (
    <span className={styles.figure}>
      <strong>{count(part)}</strong>{' '}
      <span className={styles.soft}>
        of {count(whole)} {of}
        {whole > 0 && ` · ${percent(part / whole)}`}
      </span>
    </span>
  );
}

/** “1,204 recipients”: a count with its unit, in the right number. */
export function Count({
  value,
  unit,
  units,
}: {
  readonly value: number;
  readonly unit: string;
  readonly units?: string;
}) {
  return (
    <span className={styles.figure}>
      <strong>{count(value)}</strong> <span className={styles.soft}>{plural(value, unit, units)}</span>
    </span>
  );
}

interface DeltaProps {
  /** The difference of two shares (0.021 is 2.1 points), or of two scores. */
  readonly value: number | null | undefined;
  readonly unit: 'percentage points' | 'points';
  /** What it is compared with, e.g. “a month ago”. */
  readonly since: string;
  /** Whether more is better; it decides the colour. */
  readonly isUpGood?: boolean;
}

/** “▲ 2.1 points since a month ago”, told apart by sign and arrow, not by colour alone. */
export function Delta({ value, unit, since, isUpGood = true }: DeltaProps) {
  if (value == null) return <span className={styles.faint}>no change known</span>;
  const shown = unit === 'points' ? value.toFixed(1) : percentPoints(value);
  const isFlat = Number(shown) === 0;
  const tone = isFlat ? 'soft' : value > 0 === isUpGood ? 'good' : 'bad';
  const arrow = isFlat ? '=' : value > 0 ? '▲' : '▼';
  return (
    <span className={styles[tone]}>
      <span aria-hidden="true">{arrow}</span> {isFlat ? '0' : shown.replace('-', '−')} {unit} {since}
    </span>
  );
}

/** A figure with its name above, for the head of a page. */
export function Measure({
  name,
  children,
  note,
}: {
  readonly name: string;
  readonly children: ReactNode;
  readonly note?: ReactNode;
}) {
  return (
    <div className={styles.measure}>
      <dt>{name}</dt>
      <dd>
        <span className={styles.big}>{children}</span>
        {note !== undefined && <span className={styles.soft}>{note}</span>}
      </dd>
    </div>
  );
}

/** Measures in a row. */
export function Measures({ children }: { readonly children: ReactNode }) {
  return <dl className={styles.measures}>{children}</dl>;
}

/** A share as a bar; the figure stands beside it, this is for the eye only. */
export function Bar({
  share,
  tone = 'act',
}: {
  readonly share: number;
  readonly tone?: 'act' | 'good' | 'warn' | 'bad' | 'human' | 'machine';
}) {
  return (
    <span className={styles.bar} aria-hidden="true">
      <span
        className={styles[`bar-${tone}`]}
        style={{ inlineSize: `${Math.min(100, Math.max(0, share * 100))}%` }}
      />
    </span>
  );
}
