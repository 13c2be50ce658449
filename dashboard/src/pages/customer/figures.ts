import { count, percent } from '../../parts/numbers';
import { windowText } from '../../parts/times';

interface Chance {
  readonly mean?: number | null;
  readonly low?: number | null;
  readonly high?: number | null;
  readonly enoughData: boolean;
  readonly basedOn: number;
}

/** “23.4 %”; null where too little is known to say. */
export function chanceText({ mean, enoughData }: Chance): string | null {
  return enoughData && mean != null ? percent(mean) : null;
}

/** “12.0–38.1 % with 90 % confidence, from 14 sends whose end is known”. */
export function chanceNote({ low, high, enoughData, basedOn }: Chance): string {
  const sends = `${count(basedOn)} ${basedOn === 1 ? 'send' : 'sends'} whose end is known`;
  if (!enoughData || low == null || high == null) return `${sends}: at least 3 are needed`;
  return `${percent(low)} to ${percent(high)} with 90 % confidence, from ${sends}`;
}

/** A weight (natural logarithm) as how much more somebody is drawn: “2.0 ×”. */
export function drawText(weight: number): string {
  return `${Math.exp(weight).toFixed(1)} ×`;
}

/** How an hour does beside the average one: “2.3 × the average hour”. */
export function liftText(lift: number): string {
  return `${lift.toFixed(1)} × the average hour`;
}

interface Window {
  readonly weekday: number;
  readonly startHour: number;
  readonly endHour: number;
  readonly lift: number;
}

/** What the map of the week says, in a sentence. */
export function weekText(windows: readonly Window[], acts: number, timezone: string): string {
  const [best] = windows;
  if (!best) return 'No window stands out.';
  return (
    `Hours of the week by how often people act in them. Best: ${windowText(best)} (${timezone}), ` +
    `${liftText(best.lift)}, from ${count(acts)} ${acts === 1 ? 'act' : 'acts'}.`
  );
}

/** Points with their sign: “+12.3”, “−4.0”. */
export function pointsText(points: number): string {
  return `${points < 0 ? '−' : '+'}${Math.abs(points).toFixed(1)}`;
}
