import { blank, type ConditionNode, type GroupNode, type Member } from './draft';

/** Conditions within a condition, itself among them. */
export function size(tree: ConditionNode): number {
  if (tree.member === 'not') return 1 + size(tree.part);
  if (tree.member === 'all' || tree.member === 'any')
    return tree.parts.reduce((sum, part) => sum + size(part), 1);
  return 1;
}

/** A condition of another kind in its place; what can be kept of it is kept. */
export function turned(node: ConditionNode, member: Member): ConditionNode {
  if (node.member === member) return node;
  if (member === 'all' || member === 'any') {
    const parts = node.member === 'all' || node.member === 'any' ? node.parts : [node];
    return { ...(blank(member) as GroupNode), parts };
  }
  if (member === 'not') return { key: blank('not').key, member, part: node };
  if (node.member === 'not' && node.part.member === member) return node.part;
  return blank(member);
}

/** A group with one condition more; a condition that is no group becomes one of two that both must hold. */
export function widened(node: ConditionNode): ConditionNode {
  if (node.member === 'all' || node.member === 'any')
    return { ...node, parts: [...node.parts, blank('happened')] };
  return { ...(blank('all') as GroupNode), parts: [node, blank('happened')] };
}
