/**
 * Which rows are in the page: those in sight, the one in focus with its neighbours, so that arrows go on from
 * it wherever the page was scrolled to, and the open one. An index of -1 is none.
 */
export function kept(inSight: readonly number[], focused: number, open: number, count: number): number[] {
  const others = [...(focused < 0 ? [] : [focused - 1, focused, focused + 1]), open];
  const wanted = new Set([...inSight, ...others.filter((index) => index >= 0 && index < count)]);
  return [...wanted].sort((one, other) => one - other);
}
