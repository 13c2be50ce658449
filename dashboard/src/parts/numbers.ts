/** Numbers as they are written everywhere; a locale of one's own would set commas against the English around them. */
const LOCALE = 'en-GB';

const WHOLE = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });
const ONE = new Intl.NumberFormat(LOCALE, { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** The unit stays on the number's line. */
const UNIT = '\u00a0%';

/** 12345 → “12,345”. */
export function count(value: number): string {
  return WHOLE.format(value);
}

/** 0.1234 → “12.3 %”; whole where decimals would pretend: 0, 1 and from 99.95 on. */
export function percent(share: number): string {
  const value = share * 100;
  if (value > 0 && value < 0.05) return `< 0.1${UNIT}`;
  return `${value === 0 || value >= 99.95 ? WHOLE.format(value) : ONE.format(value)}${UNIT}`;
}

/** 0.021 → “2.1”; the unit is the caller's to say. */
export function percentPoints(difference: number): string {
  return ONE.format(difference * 100);
}

/** “1 recipient”, “2 recipients”: the word alone. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return value === 1 ? one : many;
}
