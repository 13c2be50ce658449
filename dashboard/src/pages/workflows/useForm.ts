import { useState } from 'react';
import type { Failure } from '../../client';
import { previewInput, type Draft } from './draft';
import { placed, type Problem, type Problems } from './places';
import type { Span } from './Preview';
import { usePreview } from './usePreview';

export interface Form {
  readonly draft: Draft;
  readonly change: (draft: Draft) => void;
  /** What is wrong, where: as the last save and the preview say. */
  readonly problems: Problems;
  /** Why it was not saved; null before, and once something was changed. */
  readonly refusal: string | null;
  readonly refuse: (problems: readonly Problem[]) => void;
  readonly span: Span;
  readonly setSpan: (span: Span) => void;
  readonly preview: ReturnType<typeof usePreview>;
}

/** A workflow being written, with its preview. */
export function useForm(start: Draft): Form {
  const [draft, setDraft] = useState(start);
  const [said, setSaid] = useState<readonly Problem[]>([]);
  const [span, setSpan] = useState<Span>('30');
  const preview = usePreview(previewInput(draft), Number(span));
  return {
    draft,
    change: (next) => {
      setDraft(next);
      setSaid([]);
    },
    problems: placed(draft, [...(preview.isAsking ? [] : ofPreview(preview.found?.failure)), ...said]),
    refusal: said[0]?.message ?? null,
    refuse: setSaid,
    span,
    setSpan,
    preview,
  };
}

function ofPreview(failure: Failure | null | undefined): readonly Problem[] {
  return failure?.field ? [failure] : [];
}

/** What an answer to a change says is wrong; empty where it was done. */
export function refusals(
  failure: Failure | null,
  userErrors: readonly Problem[] | undefined,
): readonly Problem[] {
  return failure ? [failure] : (userErrors ?? []);
}
