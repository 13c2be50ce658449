import { useLive } from '../client';
import { AnythingHappenedDocument } from '../gql/graphql';
import { useThrottled } from './useThrottled';

/** Calls `act` when something has happened with the customers the viewer sees, at most once in `everyMs`. */
export function useHappened(act: () => void, everyMs: number): void {
  const note = useThrottled(act, everyMs);
  useLive(AnythingHappenedDocument, {}, { onUpdate: note, onFailure: note });
}
