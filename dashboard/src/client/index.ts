export { useAsk, useChange, useLive, useRead, useSnapshot, type Changed, type Read } from './hooks';
export { useAgain } from './useAgain';
export { usePaged, type Paged } from './paged';
export { failureOf, type Failure, type FailureKind } from './failure';
export { useConnection, type Connection } from './connection';
export { authorization, signIn, signOut, useSession } from './session';
