import type { QualityProviderFragment } from '../../gql/graphql';

type Day = QualityProviderFragment['days'][number];

const NAMES: Readonly<Record<string, string>> = {
  mail: 'Raw mail',
  tracking: 'Our pixel and links',
  sendgrid: 'SendGrid',
  sparkpost: 'SparkPost',
  postmark: 'Postmark',
  mailgun: 'Mailgun',
  hubspot: 'HubSpot',
  mailchimp: 'Mailchimp',
  mandrill: 'Mandrill',
  brevo: 'Brevo',
  ses: 'Amazon SES',
  resend: 'Resend',
  customerio: 'Customer.io',
};

/** A provider as people call it; its own name where we have no other. */
export function providerName(provider: string): string {
  return NAMES[provider] ?? provider;
}

export function summed(days: readonly Day[], what: 'payloads' | 'events' | 'unknown'): number {
  return days.reduce((sum, day) => sum + day[what], 0);
}

interface ByDay {
  /** Dates in UTC, oldest first, without a gap. */
  readonly days: readonly string[];
  readonly series: readonly { readonly provider: string; readonly values: readonly number[] }[];
}

const DAY_MS = 86_400_000;

/** Events of each provider on each of the last days; days on which nothing came are 0. */
export function perDay(providers: readonly QualityProviderFragment[], last: number, now: Date): ByDay {
  const days = Array.from({ length: last }, (_, index) =>
    new Date(now.getTime() - (last - 1 - index) * DAY_MS).toISOString().slice(0, 10),
  );
  const series = providers.map(({ provider, days: known }) => {
    const events = new Map(known.map(({ day, events }) => [day.slice(0, 10), events]));
    return { provider, values: days.map((day) => events.get(day) ?? 0) };
  });
  return { days, series };
}
