import type { ReactNode } from 'react';
import type { Actor, Level, MachineReason } from '../gql/graphql';
import styles from './badges.module.css';

export type Tone = 'plain' | 'good' | 'warn' | 'bad' | 'act' | 'human' | 'machine';

/** A word in a frame; its colour only repeats what the word says. */
export function Tag({
  tone = 'plain',
  children,
  title,
}: {
  readonly tone?: Tone;
  readonly children: ReactNode;
  readonly title?: string;
}) {
  return (
    <span className={`${styles.tag ?? ''} ${styles[tone] ?? ''}`} title={title}>
      {children}
    </span>
  );
}

const REASONS: Readonly<Record<MachineReason, string>> = {
  BURST: 'several links within a second',
  DECOY: 'followed a link no person sees',
  LEARNED: 'the domain’s mail gateway does this',
  PREFETCH: 'loaded ahead, not read',
  PROVIDER_FLAG: 'the provider says so',
  SCANNER_AGENT: 'a scanner’s program',
  SWEEP: 'followed every link',
};

/** Who acted: a person or a machine, by sign, word and colour. Nothing where nobody is judged. */
export function ActorBadge({
  actor,
  reasons = [],
}: {
  readonly actor: Actor | null | undefined;
  readonly reasons?: readonly MachineReason[];
}) {
  if (actor == null) return null;
  const why = reasons.map((reason) => REASONS[reason]).join(', ');
  return actor === 'HUMAN' ? (
    <Tag tone="human" title="Held to be a person: counts as engagement">
      <Person /> person
    </Tag>
  ) : (
    <Tag tone="machine" title={`Held to be a machine: not counted. ${why}`}>
      <Machine /> machine
    </Tag>
  );
}

function Person() {
  return (
    <svg viewBox="0 0 12 12" aria-hidden="true" className={styles.sign}>
      <circle cx="6" cy="3.5" r="2.3" />
      <path d="M1.5 11c.4-2.8 2.2-4 4.5-4s4.1 1.2 4.5 4z" />
    </svg>
  );
}

function Machine() {
  return (
    <svg viewBox="0 0 12 12" aria-hidden="true" className={styles.sign}>
      <path d="M2 4h8v6H2zM5.5 1h1v2.5h-1zM3.6 6h1.6v1.6H3.6zm3.2 0h1.6v1.6H6.8z" fillRule="evenodd" />
    </svg>
  );
}

const LEVELS: Readonly<Record<Level, readonly [string, Tone]>> = {
  HIGH: ['high', 'good'],
  MEDIUM: ['medium', 'act'],
  LOW: ['low', 'warn'],
  NONE: ['none', 'plain'],
};

/** How engaged somebody is: “high”, “medium”, “low”, “none”. */
export function LevelBadge({
  level,
  enoughData = true,
}: {
  readonly level: Level;
  readonly enoughData?: boolean;
}) {
  if (!enoughData) return <Tag title="Fewer than three mails were delivered">not enough data</Tag>;
  const [word, tone] = LEVELS[level];
  return <Tag tone={tone}>{word}</Tag>;
}
