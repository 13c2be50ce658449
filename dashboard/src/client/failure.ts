import type { CombinedError } from 'urql';

/** What went wrong, by what the reader can do about it. */
export type FailureKind =
  | 'signed-out'
  | 'no-access'
  | 'not-found'
  | 'offline'
  | 'unavailable'
  | 'outdated'
  | 'cursor-expired'
  | 'refused'
  | 'broken';

export interface Failure {
  readonly kind: FailureKind;
  /** For a person: what the service said, or what we can say in its place. */
  readonly message: string;
  /** The part of the input that it is about, as the service names it; only where it names one. */
  readonly field?: readonly string[];
}

const KINDS: Readonly<Record<string, FailureKind>> = {
  UNAUTHENTICATED: 'signed-out',
  FORBIDDEN: 'no-access',
  NOT_FOUND: 'not-found',
  SERVICE_UNAVAILABLE: 'unavailable',
  DATABASE_UNAVAILABLE: 'unavailable',
  PERSISTED_QUERY_NOT_FOUND: 'outdated',
  DOCUMENT_NOT_TRUSTED: 'outdated',
  CURSOR_EXPIRED: 'cursor-expired',
  INVALID_CURSOR: 'cursor-expired',
  INTERNAL_ERROR: 'broken',
};

/** The failure of an urql result; null without an error. */
export function failureOf(
  error: Pick<CombinedError, 'graphQLErrors' | 'networkError'> | undefined,
): Failure | null {
  if (!error) return null;
  const first = error.graphQLErrors[0];
  if (first) {
    const { code, field } = first.extensions;
    const kind = typeof code === 'string' ? (KINDS[code] ?? 'refused') : 'broken';
    return { kind, message: first.message, ...(isPath(field) ? { field } : {}) };
  }
  if (!navigator.onLine) return { kind: 'offline', message: 'You are offline.' };
  return { kind: 'unavailable', message: 'The service cannot be reached now.' };
}

function isPath(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((part) => typeof part === 'string');
}
