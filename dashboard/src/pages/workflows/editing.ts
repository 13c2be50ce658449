import { blank, type ConditionNode, type GroupNode, type Member } from './draft';

/** A condition of another kind in its place; what can be kept of it is kept. */
export function turned(node: ConditionNode, member: Member): ConditionNode {
  if (node.member === member) return node;
  if (member === 'all' || member === 'any') {
    const parts = isGroup(node) ? node.parts : [node];
    return { ...(blank(member) as GroupNode), parts };
  }
  if (member === 'not') return { key: blank('not').key, member, part: node };
  if (node.member === 'not' && node.part.member === member) return node.part;
  return blank(member);
}

/** Whether a condition is made of others, any number of them. */
export function isGroup(node: ConditionNode): node is GroupNode {
  return node.member === 'all' || node.member === 'any';
}

/** A group with one condition more; a condition that is no group becomes one of two that both must hold. */
export function widened(node: ConditionNode): ConditionNode {
  if (isGroup(node)) return { ...node, parts: [...node.parts, blank('happened')] };
  return { ...(blank('all') as GroupNode), parts: [node, blank('happened')] };
}
