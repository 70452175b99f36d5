import { useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, useContext, type ReactNode } from 'react';
import { ApiError, get, send, setCsrf } from '../api/client';
import type { Role, Session } from '../api/types';

const SessionContext = createContext<Session | null>(null);
const RANK: Record<Role, number> = { viewer: 0, operator: 1, admin: 2 };

/** Null: nobody is signed in. */
async function readSession(): Promise<Session | null> {
  try {
    const session = await get<Session>('/session');
    setCsrf(session.csrf ?? '');
    return { ...session, role: session.role.toLowerCase() as Role };
  } catch (fault) {
    if (fault instanceof ApiError && fault.status === 401) return null;
    throw fault;
  }
}

export const sessionQuery = { queryKey: ['session'], queryFn: readSession, staleTime: Infinity, retry: 1 };

export const useSessionQuery = () => useQuery(sessionQuery);

export function SessionProvider({ session, children }: { session: Session; children: ReactNode }) {
  return <SessionContext value={session}>{children}</SessionContext>;
}

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error('no session: the page is shown before sign-in');
  return session;
}

/** Null before sign-in. */
export const useSessionOrNull = (): Session | null => useContext(SessionContext);

/** Whether who is signed in may do what needs this role. */
export const useMay = (role: Role): boolean => RANK[useSession().role] >= RANK[role];

export function useSignOut(): () => Promise<void> {
  const queries = useQueryClient();
  return async () => {
    await send('DELETE', '/session');
    queries.clear();
    location.assign('/sign-in');
  };
}
