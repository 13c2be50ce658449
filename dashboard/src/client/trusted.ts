import { Kind } from 'graphql/language/kinds';
import type { TypedDocumentNode } from 'urql';

const known = new WeakMap<object, TypedDocumentNode<unknown, Record<string, unknown>>>();

/**
 * A generated document as urql sends it: by its hash alone (`documentId`). Its text never travels; the
 * service has it in `trusted-documents.json` of the same build.
 */
export function trusted<Result, Variables extends object>(
  document: TypedDocumentNode<Result, Variables>,
): TypedDocumentNode<Result, Record<string, unknown>> {
  const found = known.get(document) ?? made(document);
  return found as unknown as TypedDocumentNode<Result, Record<string, unknown>>;
}

function made(document: object): TypedDocumentNode<unknown, Record<string, unknown>> {
  const hash = (document as { __meta__?: { hash?: string } }).__meta__?.hash;
  if (!hash) throw new Error('This document was not generated: put it into a .graphql file under src/');
  const sent = { kind: Kind.DOCUMENT, definitions: [], documentId: `sha256:${hash}` };
  const typed = sent as unknown as TypedDocumentNode<unknown, Record<string, unknown>>;
  known.set(document, typed);
  return typed;
}
