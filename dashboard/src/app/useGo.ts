import { useCallback } from 'react';
import { useNavigate } from 'react-router';

/** Go to a page of ours. */
export function useGo(): (path: string) => void {
  const navigate = useNavigate();
  return useCallback((path) => void navigate(path), [navigate]);
}
