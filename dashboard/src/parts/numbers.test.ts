import { expect, it } from 'vitest';
import { count, percent, percentPoints, plural } from './numbers';
import { duration, momentIn, sinceThen, windowText } from './times';

it.each([
  [0, '0\u00a0%'],
  [0.0001, '< 0.1\u00a0%'],
  [0.1234, '12.3\u00a0%'],
  [0.5, '50.0\u00a0%'],
  [0.9996, '100\u00a0%'],
  [1, '100\u00a0%'],
])('a share of %s is %s', (share, text) => {
  expect(percent(share)).toBe(text);
});

it('counts have separators and words their number', () => {
  expect(count(1_234_567)).toBe('1,234,567');
  expect(percentPoints(-0.021)).toBe('-2.1');
  expect([plural(1, 'reply', 'replies'), plural(2, 'reply', 'replies'), plural(0, 'click')]).toEqual([
    'reply',
    'replies',
    'clicks',
  ]);
});

it('moments are told in a zone, with the year where it is another', () => {
  const now = new Date('2026-11-22T12:00:00Z');
  expect(momentIn(new Date('2026-11-12T15:14:57Z'), 'Europe/Berlin', now)).toBe('Thu 12 Nov, 16:14');
  expect(momentIn(new Date('2025-12-31T23:30:00Z'), 'Europe/Berlin', now)).toBe('Thu 1 Jan, 00:30');
  expect(momentIn(new Date('2025-12-31T22:30:00Z'), 'Europe/Berlin', now)).toBe('Wed 31 Dec 2025, 23:30');
});

it('ages are told in the largest unit that says enough', () => {
  const now = new Date('2026-11-22T12:00:00Z');
  const ago = (seconds: number): string => sinceThen(new Date(now.getTime() - seconds * 1000), now);
  expect([ago(5), ago(60), ago(3_600), ago(86_400), ago(172_800), ago(-7_200)]).toEqual([
    'just now',
    '1 min ago',
    '1 h ago',
    '24 h ago',
    '2 days ago',
    'in 2 h',
  ]);
  expect(duration(10)).toBeNull();
});

it('windows are told with their day', () => {
  expect(windowText({ weekday: 1, startHour: 7, endHour: 10 })).toBe('Tuesday 07–10 h');
});
