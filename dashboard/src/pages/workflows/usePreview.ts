import { useEffect, useState } from 'react';
import { useAsk, type Changed } from '../../client';
import { WorkflowsPreviewDocument, type WorkflowInput, type WorkflowsPreviewQuery } from '../../gql/graphql';

/** How long somebody has to be still before it is asked, milliseconds. */
const STILL_MS = 500;

interface Previewed {
  /** What was found last, kept while it is asked again; with when. */
  readonly found: (Changed<WorkflowsPreviewQuery> & { readonly at: Date }) | null;
  readonly isAsking: boolean;
}

/** When the workflow would have fired in the last days: asked whenever it or the days change. */
export function usePreview(input: WorkflowInput, days: number): Previewed {
  const ask = useAsk(WorkflowsPreviewDocument);
  const asked = JSON.stringify({ input, days });
  const [answer, setAnswer] = useState<{ to: string; found: Previewed['found'] }>({
    to: '',
    found: null,
  });
  useEffect(() => {
    let isWanted = true;
    const timer = setTimeout(() => {
      void ask(JSON.parse(asked) as { input: WorkflowInput; days: number }).then((found) => {
        if (isWanted) setAnswer({ to: asked, found: { ...found, at: new Date() } });
      });
    }, STILL_MS);
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [ask, asked]);
  return { found: answer.found, isAsking: answer.to !== asked };
}
