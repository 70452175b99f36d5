import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { get, getAll } from './client';
import type { Alarm, Device, Plan, Summary, Workload } from './types';

// What several pages read. Each is asked for again while it is on screen, and only then.
const SECOND = 1000;

export const useSummary = () => useQuery({
  queryKey: ['summary'], queryFn: ({ signal }) => get<Summary>('/summary', {}, signal),
  refetchInterval: 2 * SECOND, placeholderData: keepPreviousData,
});

export const useDevices = () => useQuery({
  queryKey: ['devices'], queryFn: ({ signal }) => getAll<Device>('/devices', {}, signal),
  refetchInterval: ({ state }) => ((state.data?.length ?? 0) > 1000 ? 5 : 2) * SECOND, placeholderData: keepPreviousData,
});

export const useActiveAlarms = () => useQuery({
  queryKey: ['alarms', 'active'], queryFn: ({ signal }) => getAll<Alarm>('/alarms', { state: 'active' }, signal),
  refetchInterval: 2 * SECOND, placeholderData: keepPreviousData,
});

export const useAlarmCount = (): number => useActiveAlarms().data?.length ?? 0;

export const useWorkloads = () => useQuery({
  queryKey: ['workloads'], queryFn: ({ signal }) => getAll<Workload>('/workloads', {}, signal),
  refetchInterval: 2 * SECOND, placeholderData: keepPreviousData,
});

export const usePlan = () => useQuery({
  queryKey: ['plan'], queryFn: ({ signal }) => get<Plan>('/plan', {}, signal), refetchInterval: 2 * SECOND,
  placeholderData: keepPreviousData,
});
